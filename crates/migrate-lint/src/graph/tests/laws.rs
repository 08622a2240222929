//! Whatever the links, following the lines by eye finds them and no others.

use std::collections::BTreeSet;

use super::*;

type Edges = BTreeSet<(String, String)>;

/// Numbers that look random (Knuth's linear congruential generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// Revisions with any number of earlier ones below, loaded in any order, and their links.
fn random(seed: u64) -> (Files, Edges, usize) {
    let mut dice = Dice(seed);
    let count = 1 + dice.below(40);
    let (reach, bases) = (1 + dice.below(count), 2 + dice.below(12));
    let mut edges = Edges::new();
    let mut specs = Vec::new();
    for at in 0..count {
        let wanted = if dice.below(bases) == 0 { 0 } else { [1, 1, 1, 2, 2, 4][dice.below(6)] };
        let mut down = BTreeSet::new();
        for _ in 0..wanted.min(at) {
            down.insert(at - 1 - dice.below(reach.min(at)));
        }
        let mut names: Vec<String> = down.iter().map(|at| format!("'r{at}'")).collect();
        if dice.below(2) == 0 {
            names.reverse();
        }
        edges.extend(down.iter().map(|down| (format!("r{at}"), format!("r{down}"))));
        let down =
            if names.is_empty() { "()".to_owned() } else { format!("({},)", names.join(",")) };
        specs.insert(dice.below(at + 1), (format!("r{at}"), down));
    }
    let files = specs.iter().fold(Files::default(), |files, (id, down)| files.with(id, down));
    (files, edges, count)
}

/// Reads a drawing as a person does: everything flows down.
#[derive(Default)]
struct Eye {
    /// By column, the revisions from which the line there comes.
    lines: Vec<Vec<String>>,
    /// The column of the last revision.
    node: usize,
    seen: Vec<String>,
    edges: Edges,
}

impl Eye {
    fn line(&mut self, line: &str) {
        let characters: Vec<char> = line.chars().collect();
        let at = |column: usize| characters.get(2 * column).copied().unwrap_or(' ');
        let between = |column: usize| characters.get(2 * column + 1).copied().unwrap_or(' ');
        if let Some(node) = characters.iter().position(|c| matches!(c, '●' | '◆')) {
            self.revision(line, node / 2, &at);
            return;
        }
        let columns = characters.len().div_ceil(2).max(self.lines.len());
        self.lines.resize(columns, Vec::new());
        let mut next = vec![Vec::new(); columns];
        for column in 0..columns {
            let line = std::mem::take(&mut self.lines[column]);
            let glyph = at(column);
            if glyph == ' ' {
                self.ends(column, &line);
                continue;
            }
            let is_end = matches!(glyph, '╯' | '╰' | '┴');
            if is_end || column == self.node {
                if matches!(glyph, '╯' | '┴' | '┤' | '┼') {
                    let mut to = column;
                    while to > 0 && between(to - 1) == '─' {
                        to -= 1;
                        let arrives = matches!(at(to), '╭' | '├' | '┬');
                        if arrives {
                            next[to].extend(line.clone());
                        }
                        if matches!(at(to), '╭' | '├' | '╰' | '┼') {
                            break;
                        }
                    }
                }
                if matches!(glyph, '╰' | '┴' | '├' | '┼') {
                    let mut to = column;
                    while between(to) == '─' {
                        to += 1;
                        if matches!(at(to), '╮' | '┤' | '┬') {
                            next[to].extend(line.clone());
                        }
                        if matches!(at(to), '╮' | '┤' | '╯' | '┼') {
                            break;
                        }
                    }
                }
            }
            if !is_end && glyph != '─' {
                next[column].extend(line);
            } else if glyph == '─' {
                assert!(line.is_empty(), "a lane is hidden");
            }
        }
        self.lines = next;
    }

    fn revision(&mut self, line: &str, node: usize, at: &impl Fn(usize) -> char) {
        let id = line.split_whitespace().find(|word| word.starts_with('r')).unwrap_or_default();
        self.lines.resize(self.lines.len().max(node + 1), Vec::new());
        for column in 0..self.lines.len() {
            let line = self.lines[column].clone();
            if column == node {
                self.edges.extend(line.into_iter().map(|from| (from, id.to_owned())));
                self.lines[column] = vec![id.to_owned()];
            } else if at(column) != '│' {
                self.ends(column, &line);
                self.lines[column].clear();
            } else {
                assert!(!line.is_empty(), "a lane comes from nowhere: column {column} at {id}");
            }
        }
        self.seen.push(id.to_owned());
        self.node = node;
    }

    /// Only below the last revision may a line end.
    fn ends(&self, column: usize, line: &[String]) {
        let is_last = column == self.node
            && self.seen.last().is_some_and(|last| line == std::slice::from_ref(last));
        assert!(line.is_empty() || is_last, "a lane ends in the air: column {column}, {line:?}");
    }
}

#[test]
fn lines_lead_where_links_lead() {
    let style = GraphStyle { all: true, width: 4 * 64, ..STYLE };
    for seed in 0..600 {
        let (files, edges, count) = random(seed);
        let text = files.render(GraphFormat::Text, style);
        let mut eye = Eye::default();
        for line in text.lines().skip(1) {
            eye.line(line);
        }
        assert_eq!(eye.edges, edges, "seed {seed}\n{text}");
        let seen: BTreeSet<&String> = eye.seen.iter().collect();
        assert_eq!((seen.len(), eye.seen.len()), (count, count), "seed {seed}\n{text}");
        let open = eye.lines.iter().flatten().filter(|from| Some(*from) != eye.seen.last()).count();
        assert_eq!(open, 0, "seed {seed}\n{text}");
    }
}

#[test]
fn folding_hides_revisions_and_counts_them() {
    for seed in 0..200 {
        let (files, _, count) = random(seed);
        let text = files.render(GraphFormat::Text, STYLE);
        let folded: usize = text
            .lines()
            .filter_map(|line| line.split_once("⋮ ")?.1.split(' ').next()?.parse::<usize>().ok())
            .sum();
        let shown = text.matches(['●', '◆']).count();
        assert_eq!(shown + folded, count, "seed {seed}\n{text}");
    }
}

#[test]
fn all_lanes_are_closed_at_the_end() {
    for seed in 0..200 {
        let (files, _, _) = random(seed);
        let chain = Chain::new(files.revisions);
        let mut lanes = crate::graph::lanes::Lanes::new(&chain, 80);
        for row in crate::graph::rows::rows(&chain, &[], false) {
            lanes.place(&row);
        }
        assert_eq!(lanes.open(), 0, "seed {seed}");
    }
}
