//! The formats for programs.

use super::*;

fn faulty() -> Files {
    let lines = "down_revision: str = 'a'\nbranch_labels = ['ext']\ndepends_on = 'zz'\n";
    Files::default().with("a", "None").with_lines("b", lines)
}

#[test]
fn json_has_exactly_these_members() {
    let expected = r#"{
  "version": 1,
  "chains": [
    {
      "name": "shop",
      "heads": [
        "b"
      ],
      "real_heads": [
        "b"
      ],
      "bases": [
        "a"
      ],
      "branch_points": [],
      "merge_points": [],
      "faults": [
        {
          "kind": "broken-depends-on",
          "revision": "b",
          "path": "versions/b.py",
          "line": 5,
          "message": "depends_on names nothing: `zz`"
        }
      ],
      "revisions": [
        {
          "revision": "b",
          "down_revisions": [
            "a"
          ],
          "depends_on": [
            "zz"
          ],
          "branch_labels": [
            "ext"
          ],
          "message": "add b",
          "path": "versions/b.py",
          "line": 2
        },
        {
          "revision": "a",
          "down_revisions": [],
          "depends_on": [],
          "branch_labels": [],
          "message": "add a",
          "path": "versions/a.py",
          "line": 2
        }
      ]
    }
  ]
}
"#;
    assert_eq!(faulty().render(GraphFormat::Json, STYLE), expected);
}

#[test]
fn json_has_null_for_an_id_that_only_a_run_would_tell() {
    let text = "from x import make\n\nrevision = make()\ndown_revision = None\n";
    let json = Files::default().with_file("made.py", text).render(GraphFormat::Json, STYLE);
    assert!(json.contains("\"heads\": [\n        null\n      ]"), "{json}");
    assert!(json.contains("\"revision\": null"), "{json}");
    assert!(json.contains("\"line\": 3\n"), "{json}");
}

#[test]
fn mermaid_draws_boxes_and_arrows_upwards() {
    let text = faulty().with("c", "'a'").render(GraphFormat::Mermaid, STYLE);
    let expected = r#"    subgraph chain0["shop"]
        c0n0("b<br/>(ext)<br/>add b<br/>✗ depends_on names nothing#58; #96;zz#96;"):::fault
        c0n1(["c<br/>add c"]):::head
        c0n2("a<br/>add a")
        c0n3["zz<br/>(no such revision)"]:::missing
        c0n2 --> c0n0
        c0n2 --> c0n1
        c0n3 -.-x c0n0
    end
"#;
    assert!(text.starts_with("flowchart BT\n    classDef head "), "{text}");
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn mermaid_sees_nothing_of_its_own_in_a_message() {
    let text = "'''style x:y; \"end\" <b> #quot; `%%{'''\nrevision = 'a'\ndown_revision = None\n";
    let text = Files::default().with_file("a.py", text).render(GraphFormat::Mermaid, STYLE);
    let expected = "style x#58;y#59; #34;end#34; #60;b#62; #35;quot#59; #96;#37;#37;#123;";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn dot_draws_boxes_and_arrows_upwards() {
    let text = faulty().render(GraphFormat::Dot, STYLE);
    let expected = r##"    subgraph cluster_0 {
        label="shop";
        c0n0 [label="b\n(ext)\nadd b\n✗ depends_on names nothing: `zz`", style="rounded,filled", fillcolor="#ffdcdc", color="#c62828"];
        c0n1 [label="a\nadd a"];
        c0n2 [label="zz\n(no such revision)", style=dashed, color="#c62828", fontcolor="#c62828"];
        c0n1 -> c0n0;
        c0n2 -> c0n0 [color="#c62828", style=dotted];
    }
}
"##;
    assert!(text.starts_with("digraph migrations {\n    rankdir=BT;\n"), "{text}");
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn dot_quotes_what_it_would_read() {
    let text = "'''a \"b\" \\\\N c'''\nrevision = 'a'\ndown_revision = None\n";
    let text = Files::default().with_file("a.py", text).render(GraphFormat::Dot, STYLE);
    assert!(text.contains(r#"label="a\na \"b\" \\N c""#), "{text}");
}

#[test]
fn boxes_fold_long_straight_runs_too() {
    let folded = straight(20).render(GraphFormat::Dot, STYLE);
    assert!(folded.contains("label=\"… 15 revisions …\""), "{folded}");
    assert_eq!(folded.matches(" -> ").count(), 5);
    let all = straight(20).render(GraphFormat::Dot, GraphStyle { all: true, ..STYLE });
    assert_eq!(all.matches(" -> ").count(), 19);
}
