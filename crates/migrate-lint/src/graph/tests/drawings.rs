//! Drawings written by hand.

use super::*;

fn fork() -> Files {
    Files::default().with("a", "None").with("b", "'a'").with("c", "'a'")
}

fn text(files: Files, style: GraphStyle) -> String {
    files.render(GraphFormat::Text, style)
}

#[test]
fn a_line_is_one_lane_newest_first() {
    let expected = "\
shop: 3 revisions, 1 head
● r3 (head) add r3
● r2 add r2
● r1 (base) add r1
";
    assert_eq!(text(straight(3), STYLE), expected);
}

#[test]
fn a_fork_joins_the_lane_that_is_there() {
    let expected = "
● b (head)
│ ● c (head)
├─╯
● a (branch point) (base)
";
    assert_eq!(fork().drawn(), expected);
}

#[test]
fn a_merge_opens_a_lane() {
    let expected = "
◆ d (head) (merge point)
├─╮
● │ b
│ ● c
├─╯
● a (branch point) (base)
";
    assert_eq!(fork().with("d", "('b', 'c')").drawn(), expected);
}

#[test]
fn lines_without_unicode_are_ascii() {
    let drawn = text(
        fork().with("d", "('b', 'c')").with("e", "'z'"),
        GraphStyle { unicode: false, ..STYLE },
    );
    let expected = "\
shop: 5 revisions, 2 heads, 1 fault
# d (head) (merge point) add d
|-\\
* | b add b
| * c add c
|-/
| * e (head) add e
| x down_revision names nothing: `z`
* a (branch point) (base) add a
";
    assert_eq!(drawn, expected);
    assert!(drawn.is_ascii());
}

#[test]
fn two_merges_of_the_same_revisions_cross() {
    let expected = "
◆ d (head) (merge point)
├─╮
│ │ ◆ e (head) (merge point)
╭─┬─╯
● │ b (branch point)
│ ● c (branch point)
├─╯
● a (branch point) (base)
";
    assert_eq!(fork().with("d", "('b', 'c')").with("e", "('b', 'c')").drawn(), expected);
}

#[test]
fn a_merge_joins_a_lane_that_is_there() {
    let files = Files::default().with("a", "None").with("s", "'c'").with("p", "'q'");
    let files = files.with("q", "('b', 'c')").with("b", "'a'").with("c", "'a'");
    let expected = "
● s (head)
│ ● p (head)
│ ◆ q (merge point)
╭─┤
│ ● b
● │ c (branch point)
├─╯
● a (branch point) (base)
";
    assert_eq!(files.drawn(), expected);
}

#[test]
fn three_merged_revisions_are_three_lanes() {
    let expected = "
◆ e (head) (merge point)
├─┬─╮
● │ │ b
│ ● │ c
├─╯ │
│   ● d
├───╯
● a (branch point) (base)
";
    assert_eq!(fork().with("d", "'a'").with("e", "('b', 'c', 'd')").drawn(), expected);
}

#[test]
fn a_lane_passes_in_front_of_a_line_that_joins_another() {
    let files = Files::default().with("a", "None").with("b", "'a'").with("x", "None");
    let files = files.with("y", "'x'").with("z", "'x'").with("c", "'a'");
    let files = files.with("m", "('b', 'y', 'c', 'z')");
    let expected = "
◆ m (head) (merge point)
├─┬─┬─╮
● │ │ │ b
│ │ ● │ c
├─│─╯ │
│ ●   │ y
│ │   ● z
│ ├───╯
│ ● x (branch point) (base)
● a (branch point) (base)
";
    assert_eq!(files.drawn(), expected);
}

#[test]
fn a_merge_of_two_bases_ends_twice() {
    let files = Files::default().with("a", "None").with("b", "None").with("c", "'b'");
    let expected = "
◆ m (head) (merge point)
├─╮
● │ a (base)
  ● c
╭─╯
● b (base)
";
    assert_eq!(files.with("m", "('a', 'c')").drawn(), expected);
}

#[test]
fn unrelated_lines_are_parted() {
    let expected = "\
shop: 2 revisions, 2 heads, 2 bases
● a (head) (base) add a

● b (head) (base) add b
";
    assert_eq!(text(Files::default().with("a", "None").with("b", "None"), STYLE), expected);
}

#[test]
fn a_dependency_is_a_note() {
    let files = Files::default().with("a", "None").with("b", "'a'");
    let files = files.with_lines(
        "x",
        "down_revision = None\ndepends_on = ('b',)\nbranch_labels = ('ext', 'more')\n",
    );
    let expected = "\
shop: 3 revisions, 2 heads, 2 bases
● x (ext, more) (head) (base) add x ┄ depends on b

● b (effective head) add b
● a (base) add a
";
    assert_eq!(text(files, STYLE), expected);
}

#[test]
fn a_long_straight_run_is_folded() {
    let expected = "
● r12 (head)
● r11
● r10
⋮ 7 revisions
● r2
● r1 (base)
";
    assert_eq!(straight(12).drawn(), expected);
    let all = text(straight(12), GraphStyle { all: true, ..STYLE });
    assert_eq!(all.lines().count(), 1 + 12);
}

#[test]
fn six_revisions_in_a_line_are_not_folded() {
    assert_eq!(straight(8).drawn().lines().count(), 1 + 8);
    assert!(!straight(8).drawn().contains('⋮'));
    assert!(straight(9).drawn().contains("⋮ 4 revisions"));
}

#[test]
fn a_fold_leaves_out_no_label_fork_or_dependency() {
    let lines = "down_revision = 'r7'\nbranch_labels = 'billing'\n";
    let files = straight(7).with_lines("r8", lines);
    let files =
        (9..=16).fold(files, |files, at| files.with(&format!("r{at}"), &format!("'r{}'", at - 1)));
    let files = files.with_lines("x", "down_revision = None\ndepends_on = 'r5'\n");
    let expected = "
● r16 (billing) (head)
● r15
● r14
⋮ 4 revisions
● r9
● r8 (billing)
● r7
● r6
│ ● x (head) (base)
● r5
● r4
● r3
● r2
● r1 (base)
";
    assert_eq!(files.drawn().replace(" ┄ depends on r5", ""), expected);
}

#[test]
fn a_cycle_is_marked_and_drawn_once() {
    let files = Files::default().with("a", "'b'").with("b", "'a'").with("c", "'a'");
    let expected = "
● b
│ ✗ in a cycle: `a` → `b` → `a`
│ ● c (head)
├─╯
● a (branch point)
✗ in a cycle: `a` → `b` → `a`
";
    assert_eq!(files.drawn(), expected);
}

#[test]
fn a_broken_link_ends_in_a_cross() {
    let files = Files::default().with("a", "None").with("b", "'2f0e'").with("c", "'b'");
    let expected = "
● a (head) (base)

● c (head)
● b
✗ down_revision names nothing: `2f0e`
";
    assert_eq!(files.drawn(), expected);
}

#[test]
fn both_files_of_a_duplicate_are_marked() {
    let text = "revision = 'b'\ndown_revision = 'a'\n";
    let files = Files::default().with("a", "None").with_file("b1.py", text);
    let files = files.with_file("b2.py", text).with("c", "'b'");
    let expected = "
● b
│ ✗ duplicate id: alembic takes `b2.py` instead
│ ● c (head)
│ ● b
│ │ ✗ duplicate id: `b1.py` has it too
├─╯
● a (base)
";
    assert_eq!(files.drawn(), expected);
}

#[test]
fn what_cannot_be_known_is_said() {
    let files = Files::default()
        .with_file("made.py", "revision = make()\ndown_revision = None\n")
        .with_file("open.py", "revision = 'a'\ndown_revision = find()\n")
        .with_file("half.py", "revision = 'b'\ndown_revision = (\n")
        .with_file("none.py", "x = 1\n");
    let drawn = text(files, STYLE);
    assert!(drawn.contains("● made.py (head) (base) (dynamic id)\n"), "{drawn}");
    assert!(drawn.contains("● a (head) (dynamic down_revision)\n"), "{drawn}");
    assert!(drawn.contains("● b (head)\n✗ does not parse: "), "{drawn}");
    assert!(drawn.contains("● none.py (head)\n✗ no revision id\n"), "{drawn}");
}

#[test]
fn forty_heads_take_two_lanes() {
    let files = (0..40)
        .fold(Files::default().with("a", "None"), |files, at| files.with(&format!("h{at}"), "'a'"));
    let drawn = files.drawn();
    assert_eq!(drawn.matches("(head)").count(), 40);
    assert!(drawn.lines().skip(3).all(|line| line.starts_with(['│', '├', '●'])), "{drawn}");
    assert!(drawn.lines().all(|line| line.chars().take(4).all(|c| c != '┤')), "{drawn}");
    assert_eq!(drawn.matches("├─╯").count(), 39);
}

#[test]
fn lanes_beyond_the_width_are_left_out() {
    let mut files = Files::default();
    for at in 0..30 {
        files = files.with(&format!("b{at}"), "None");
    }
    let names: Vec<String> = (0..30).map(|at| format!("'b{at}'")).collect();
    let drawn = text(
        files.with("m", &format!("({})", names.join(", "))),
        GraphStyle { width: 40, ..STYLE },
    );
    assert!(drawn.contains("├─┬─┬─┬─┬─┬─┬─┬─┬─┬─…\n"), "{drawn}");
    assert!(drawn.contains("…● b29 (base) add b29\n"), "{drawn}");
}

#[test]
fn messages_are_cut_to_the_width_of_wide_characters() {
    let file = |message: &str| {
        let text = format!("'''{message}'''\nrevision = 'a'\ndown_revision = None\n");
        Files::default().with_file("a.py", &text)
    };
    let style = GraphStyle { width: 38, ..STYLE };
    let second = |files| text(files, style).lines().nth(1).map(str::to_owned);
    // `● a (head) (base) ` is 18 columns: 20 are left, and 表 takes two.
    let full = "表".repeat(10);
    assert_eq!(second(file(&full)), Some(format!("● a (head) (base) {full}")));
    let cut = format!("● a (head) (base) {}…", "表".repeat(9));
    assert_eq!(second(file(&"表".repeat(11))), Some(cut));
}

#[test]
fn nothing_a_terminal_obeys_comes_through() {
    let file = "'''red \\x1b[31m \\u202e'''\nrevision = 'a\\x07'\ndown_revision = None\n";
    let drawn = text(Files::default().with_file("a.py", file), STYLE);
    assert!(drawn.contains("● a\u{fffd} (head) (base) red \u{fffd}[31m \u{fffd}\n"), "{drawn:?}");
}

#[test]
fn colours_follow_lanes_and_only_where_asked_for() {
    let drawn = text(fork(), GraphStyle { color: true, ..STYLE });
    let join = "\u{1b}[32m├\u{1b}[0m\u{1b}[34m─\u{1b}[0m\u{1b}[34m╯\u{1b}[0m\n";
    assert!(drawn.contains(join), "{drawn:?}");
    assert!(!text(fork(), STYLE).contains('\u{1b}'));
}

#[test]
fn a_chain_without_revisions_is_named() {
    assert_eq!(text(Files::default(), STYLE), "shop: no revisions\n");
    assert_eq!(render(&[], GraphFormat::Text, STYLE), "");
}
