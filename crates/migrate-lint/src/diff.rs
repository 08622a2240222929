//! `migrate-lint diff`: what is different about the schema between two revisions.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use schema::render::Unanalysed;
use schema::state::{Aspect, Difference, ObjectKind, Schema, difference};
use serde::Serialize;
use sql::ObjectName;

use crate::Outcome;
use crate::arguments::{DiffArguments, ListFormat};
use crate::replayed::One;
use crate::terminal::Terminal;

/// The differences for programs.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    before: &'a str,
    after: &'a str,
    dialect: &'static str,
    changes: Vec<Change>,
    not_analysed: &'a [Unanalysed],
}

/// One difference.
#[derive(Serialize)]
struct Change {
    #[serde(skip)]
    sign: char,
    /// The table, or the object itself.
    object: String,
    #[serde(rename = "change")]
    kind: &'static str,
    what: &'static str,
    name: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

pub(crate) fn diff(
    arguments: &DiffArguments,
    config: Option<&Path>,
    directory: &Path,
    terminal: &Terminal,
) -> Outcome {
    match shown(arguments, config, directory, terminal) {
        Ok(outcome) => outcome,
        Err(message) => Outcome::failed(&message),
    }
}

fn shown(
    arguments: &DiffArguments,
    config: Option<&Path>,
    directory: &Path,
    terminal: &Terminal,
) -> Result<Outcome, String> {
    let one = One::read(&arguments.paths, &arguments.replay, config, directory)?;
    let (first, second) = (one.resolve(&arguments.before)?, one.resolve(&arguments.after)?);
    let (before, after) = (one.schema_at(&first), one.schema_at(&second));
    let mut not_analysed = one.not_analysed(&first);
    let later = one.not_analysed(&second);
    // What both stand on is no difference.
    let shared: Vec<Unanalysed> =
        not_analysed.iter().filter(|each| later.contains(each)).cloned().collect();
    not_analysed.extend(later);
    not_analysed.retain(|each| !shared.contains(each));
    let mut found = difference(&before, &after);
    made(&before, &after, &mut found);
    let changes: Vec<Change> =
        found.iter().flat_map(|found| described(found, &before, &after)).collect();
    let (first, second) = (one.title(&first), one.title(&second));
    if arguments.format == ListFormat::Json {
        let document = Document {
            version: 1,
            before: &first,
            after: &second,
            dialect: before.dialect().name(),
            changes,
            not_analysed: &not_analysed,
        };
        let text = serde_json::to_string_pretty(&document).expect("plain values are JSON");
        return Ok(one.outcome(text + "\n"));
    }
    Ok(one.outcome(text(&first, &second, &changes, &not_analysed, terminal)))
}

fn text(
    first: &str,
    second: &str,
    changes: &[Change],
    not_analysed: &[Unanalysed],
    terminal: &Terminal,
) -> String {
    let paint = |code: &str, line: &str| {
        if terminal.has_color { format!("\x1b[{code}m{line}\x1b[0m") } else { line.to_owned() }
    };
    let mut out = format!("{} → {}\n", paint("1", first), paint("1", second));
    let mut groups: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        groups.entry(&change.object).or_default().push(change);
    }
    for (object, changes) in groups {
        let (whole, parts): (Vec<&Change>, Vec<&Change>) =
            changes.into_iter().partition(|change| change.name.is_none() && change.sign != '~');
        out.push('\n');
        match whole.first() {
            Some(whole) => {
                let line = format!("{} {} {object}", whole.sign, whole.what);
                let _ = writeln!(out, "{}", paint(code(whole.sign), &line));
            }
            None => {
                let _ = writeln!(out, "  {}", paint("1", object));
            }
        }
        for change in parts {
            let line = format!("{}     {}", change.sign, change.line());
            let _ = writeln!(out, "{}", paint(code(change.sign), line.trim_end()));
        }
    }
    if changes.is_empty() {
        out.push_str("\nnothing that is known is different\n");
    }
    if !not_analysed.is_empty() {
        out.push_str("\nnot known, because it could not be analysed:\n");
        for line in Unanalysed::lines(not_analysed) {
            let _ = writeln!(out, "? {line}");
        }
    }
    out
}

const fn code(sign: char) -> &'static str {
    match sign {
        '+' => "32",
        '-' => "31",
        _ => "33",
    }
}

impl Change {
    fn new(sign: char, object: &ObjectName, what: &'static str) -> Self {
        let kind = match sign {
            '+' => "added",
            '-' => "removed",
            _ => "changed",
        };
        let object = dotted(object);
        Self { sign, object, kind, what, name: None, before: None, after: None }
    }

    fn named(self, name: Option<&str>) -> Self {
        Self { name: Some(name.unwrap_or("(unnamed)").to_owned()), ..self }
    }

    fn replaced(self, before: impl Into<String>, after: impl Into<String>) -> Self {
        Self { before: Some(before.into()), after: Some(after.into()), ..self }
    }

    fn with(self, detail: Option<String>) -> Self {
        match self.sign {
            '-' => Self { before: detail, ..self },
            _ => Self { after: detail, ..self },
        }
    }

    fn line(&self) -> String {
        let name = self.name.as_deref().unwrap_or_default();
        let mut line = format!("{} {name}", self.what);
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                let _ = write!(line, ": {before} → {after}");
            }
            (Some(detail), None) | (None, Some(detail)) => {
                let _ = write!(line, "  {detail}");
            }
            (None, None) => {}
        }
        line
    }
}

/// Adds tables and types that the chain itself makes: even where other things may have been there
/// before the chain, these were not.
fn made(before: &Schema, after: &Schema, found: &mut Vec<Difference>) {
    let mut add = |one: Difference| {
        if !found.contains(&one) {
            found.push(one);
        }
    };
    for (here, there, is_added) in [(before, after, false), (after, before, true)] {
        let of = if is_added { Difference::Added } else { Difference::Removed };
        for table in here.tables() {
            let is_made = table.is_created && table.doubt.is_none();
            if is_made && there.table(&table.name).is_none() {
                add(of(ObjectKind::Table, table.name.clone()));
            }
        }
        for one in here.types() {
            let is_made = one.is_created && one.doubt.is_none();
            if is_made && there.user_type(&one.name).is_none() {
                add(of(ObjectKind::Type, one.name.clone()));
            }
        }
    }
}

/// A difference, a new table with its columns.
fn described(found: &Difference, before: &Schema, after: &Schema) -> Vec<Change> {
    match found {
        Difference::Added(kind, name) => whole('+', *kind, name, after),
        Difference::Removed(kind, name) => whole('-', *kind, name, before),
        _ => vec![part(found, before, after)],
    }
}

fn part(found: &Difference, before: &Schema, after: &Schema) -> Change {
    match found {
        Difference::Added(_, name) | Difference::Removed(_, name) => {
            Change::new('~', name, "object")
        }
        Difference::ColumnAdded(table, name) => {
            Change::new('+', table, "column").named(Some(name)).with(column(after, table, name))
        }
        Difference::ColumnRemoved(table, name) => {
            Change::new('-', table, "column").named(Some(name)).with(column(before, table, name))
        }
        Difference::ColumnChanged { table, column, aspect, before, after } => {
            Change::new('~', table, of_column(*aspect))
                .named(Some(column))
                .replaced(&**before, &**after)
        }
        Difference::ConstraintAdded(table, kind, name) => {
            Change::new('+', table, kind.words()).named(name.as_deref())
        }
        Difference::ConstraintRemoved(table, kind, name) => {
            Change::new('-', table, kind.words()).named(name.as_deref())
        }
        Difference::ConstraintChanged(table, kind, name) => {
            Change::new('~', table, kind.words()).named(Some(name))
        }
        Difference::ConstraintRenamed(table, kind, from, to) => {
            Change::new('~', table, kind.words())
                .named(Some(to))
                .replaced(from.as_str(), to.as_str())
        }
        Difference::IndexAdded(table, name) => Change::new('+', table, "index").named(Some(name)),
        Difference::IndexRemoved(table, name) => Change::new('-', table, "index").named(Some(name)),
        Difference::IndexChanged(table, name) => Change::new('~', table, "index").named(Some(name)),
        Difference::IndexRenamed(table, from, to) => {
            Change::new('~', table, "index").named(Some(to)).replaced(from.as_str(), to.as_str())
        }
        Difference::CommentChanged(table) => Change::new('~', table, "comment"),
        Difference::LabelsChanged { name, before, after } => {
            Change::new('~', name, "labels").replaced(before.join(", "), after.join(", "))
        }
        Difference::ViewChanged(name) => Change::new('~', name, "view"),
    }
}

fn whole(sign: char, kind: ObjectKind, name: &ObjectName, schema: &Schema) -> Vec<Change> {
    let mut changes = vec![Change::new(sign, name, of_object(kind))];
    if kind == ObjectKind::Table
        && let Some(table) = schema.table(name)
    {
        for one in &table.columns {
            let change = Change::new(sign, name, "column").named(Some(&one.name));
            changes.push(change.with(column(schema, name, &one.name)));
        }
        for one in &table.constraints {
            let change = Change::new(sign, name, one.kind().words());
            let columns = one.columns().map(|columns| format!("({})", columns.join(", ")));
            changes.push(change.named(one.name.as_deref()).with(columns));
        }
        for one in &table.indexes {
            changes.push(Change::new(sign, name, "index").named(one.name.as_deref()));
        }
    }
    changes
}

/// Type and nullability of a column, as far as they are known.
fn column(schema: &Schema, table: &ObjectName, name: &str) -> Option<String> {
    let column = schema.table(table)?.column(name)?;
    let mut text = match column.sql_type.literal() {
        Some(Some(one)) => one.printed(schema.dialect()),
        Some(None) => String::new(),
        None => "of a type that is not known".to_owned(),
    };
    if column.nullable.literal() == Some(&false) {
        text.push_str(" not null");
    }
    if let Some(Some(default)) = column.default.literal() {
        let _ = write!(text, " default {default}");
    }
    Some(text)
}

const fn of_column(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Type => "type of column",
        Aspect::Nullable => "nullability of column",
        Aspect::Default => "default of column",
        Aspect::Identity => "identity of column",
        Aspect::Generated => "expression of column",
        Aspect::Comment => "comment of column",
    }
}

fn of_object(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Table => "table",
        ObjectKind::Type => "type",
        ObjectKind::Sequence => "sequence",
        ObjectKind::View => "view",
        ObjectKind::Schema => "schema",
        _ => "object",
    }
}

fn dotted(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{schema}.{}", name.name),
        None => name.name.to_string(),
    }
}
