//! Histories: bodies of revisions that Alembic can run up and down, random ones and those that use every
//! operation, and their files.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sql::Dialect;

use super::support::workspace;

const HEADER: &str = "import sqlalchemy as sa\nfrom alembic import op\n\
                      from sqlalchemy.dialects import mysql, postgresql\n\n";

/// Types that both databases know, and a literal of theirs.
const TYPES: &[(&str, &str)] = &[
    ("sa.Integer()", "7"),
    ("sa.BigInteger()", "8"),
    ("sa.String(20)", "'a'"),
    ("sa.Text()", "'it''s'"),
    ("sa.Boolean()", "true"),
    ("sa.Numeric(8, 2)", "1.5"),
    ("sa.DateTime()", "'2020-01-01'"),
    ("sa.Float()", "0.5"),
];

#[derive(Clone)]
struct Column {
    name: String,
    kind: usize,
    is_nullable: bool,
}

#[derive(Clone)]
struct Table {
    name: String,
    columns: Vec<Column>,
    /// Names with the columns that they stand on; whatever stands on a column goes first.
    uniques: Vec<(String, String)>,
    indexes: Vec<(String, String)>,
    checks: Vec<(String, String)>,
    foreign: Vec<(String, String, String)>,
}

struct History {
    state: u64,
    number: usize,
    dialect: Dialect,
    tables: Vec<Table>,
}

/// Writes bodies as a chain; its version directory.
pub(crate) fn write(folder: &Path, bodies: &[String]) -> PathBuf {
    let versions = folder.join("versions");
    std::fs::create_dir_all(&versions).expect("the folder is ours");
    for (at, body) in bodies.iter().enumerate() {
        let down = if at == 0 { "None".to_owned() } else { format!("'r{:03}'", at - 1) };
        let text = format!("{HEADER}revision = 'r{at:03}'\ndown_revision = {down}\n\n\n{body}");
        std::fs::write(versions.join(format!("r{at:03}.py")), text).expect("the folder is ours");
    }
    versions
}

/// The bodies of a file of `fixtures/live/operations`.
pub(crate) fn operations(file: &str) -> Vec<String> {
    let path = workspace().join("fixtures/live/operations").join(file);
    let text = std::fs::read_to_string(path).expect("the operations are there");
    text.split("# ---\n").map(str::to_owned).collect()
}

/// The bodies of a history, first to last.
pub(crate) fn random(seed: u64, dialect: Dialect) -> Vec<String> {
    let mut history = History {
        state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        number: 0,
        dialect,
        tables: Vec::new(),
    };
    (0..8).map(|_| history.revision()).collect()
}

impl History {
    fn next(&mut self, below: usize) -> usize {
        // xorshift64*: the same numbers everywhere.
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let value = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(value).unwrap_or(0) % below.max(1)
    }

    fn name(&mut self, prefix: &str) -> String {
        self.number += 1;
        format!("{prefix}{}", self.number)
    }

    fn revision(&mut self) -> String {
        let mut up = Vec::new();
        let mut down = Vec::new();
        for _ in 0..=self.next(3) {
            if let Some((forth, back)) = self.operation() {
                up.push(forth);
                down.push(back);
            }
        }
        down.reverse();
        let body = |lines: &[String]| {
            let mut text = String::new();
            for line in lines {
                let _ = writeln!(text, "    {line}");
            }
            if lines.is_empty() { "    pass\n".to_owned() } else { text }
        };
        format!("def upgrade():\n{}\n\ndef downgrade():\n{}", body(&up), body(&down))
    }

    fn operation(&mut self) -> Option<(String, String)> {
        if self.tables.len() < 2 {
            return Some(self.create_table());
        }
        let at = self.next(self.tables.len());
        match self.next(13) {
            0 => Some(self.create_table()),
            1 => Some(self.rename_table(at)),
            2 | 3 => Some(self.add_column(at)),
            4 => self.rename_column(at),
            5 => self.change_type(at),
            6 => self.change_null(at),
            7 => self.index(at),
            8 => self.unique(at),
            9 => self.check(at),
            10 => self.foreign_key(at),
            11 => self.drop_column(at),
            _ => self.drop_part(at),
        }
    }

    fn column(&mut self) -> (Column, String) {
        let kind = self.next(TYPES.len());
        let is_nullable = self.next(3) > 0;
        let name = self.name("c");
        let mut text = format!("sa.Column('{name}', {}", TYPES[kind].0);
        if !is_nullable || self.next(3) == 0 {
            let _ = write!(text, ", server_default=sa.text(\"{}\")", TYPES[kind].1);
        }
        if !is_nullable {
            text.push_str(", nullable=False");
        }
        text.push(')');
        (Column { name, kind, is_nullable }, text)
    }

    fn create_table(&mut self) -> (String, String) {
        let name = self.name("t");
        let mut parts = vec!["sa.Column('id', sa.Integer(), primary_key=True)".to_owned()];
        let mut table = Table {
            name: name.clone(),
            columns: Vec::new(),
            uniques: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
            foreign: Vec::new(),
        };
        for _ in 0..2 + self.next(3) {
            let (column, text) = self.column();
            table.columns.push(column);
            parts.push(text);
        }
        if self.next(2) == 0 && self.is_indexed(table.columns[0].kind) {
            let unique = self.name("uq");
            let column = table.columns[0].name.clone();
            parts.push(format!("sa.UniqueConstraint('{column}', name='{unique}')"));
            table.uniques.push((unique, column));
        }
        self.tables.push(table);
        let create = format!("op.create_table('{name}', {})", parts.join(", "));
        (create, format!("op.drop_table('{name}')"))
    }

    /// What MySQL needs to be told of a column that changes: its type, and mostly the rest of it.
    fn existing(&mut self, column: &Column) -> String {
        if self.dialect != Dialect::MySql {
            return String::new();
        }
        let mut text = format!(", existing_type={}", TYPES[column.kind].0);
        // What is left out is lost.
        if self.next(4) > 0 {
            let is_nullable = if column.is_nullable { "True" } else { "False" };
            let _ = write!(text, ", existing_nullable={is_nullable}");
        }
        text
    }

    /// Whether MySQL takes an index on the column: of a text it wants a length.
    fn is_indexed(&self, kind: usize) -> bool {
        self.dialect != Dialect::MySql || TYPES[kind].0 != "sa.Text()"
    }

    /// A call that SQLite takes in a batch block only.
    fn alter(&self, table: &str, plain: &str, batch: &str) -> String {
        if self.dialect == Dialect::Sqlite {
            format!("with op.batch_alter_table('{table}') as batch_op: batch_op.{batch}")
        } else {
            format!("op.{plain}")
        }
    }

    fn rename_table(&mut self, at: usize) -> (String, String) {
        // SQLite's other tables keep their references only where they name the table.
        let to = self.name("t");
        let from = std::mem::replace(&mut self.tables[at].name, to.clone());
        for table in &mut self.tables {
            for (_, _, referred) in &mut table.foreign {
                if *referred == from {
                    referred.clone_from(&to);
                }
            }
        }
        (format!("op.rename_table('{from}', '{to}')"), format!("op.rename_table('{to}', '{from}')"))
    }

    fn add_column(&mut self, at: usize) -> (String, String) {
        let (column, text) = self.column();
        let table = self.tables[at].name.clone();
        let name = column.name.clone();
        self.tables[at].columns.push(column);
        let drop = self.alter(
            &table,
            &format!("drop_column('{table}', '{name}')"),
            &format!("drop_column('{name}')"),
        );
        (format!("op.add_column('{table}', {text})"), drop)
    }

    /// A column of the table on which nothing stands.
    fn free(&mut self, at: usize) -> Option<usize> {
        let table = &self.tables[at];
        let is_used = |name: &str| {
            let lists = [&table.uniques, &table.indexes, &table.checks];
            lists.iter().any(|list| list.iter().any(|(_, column)| column == name))
                || table.foreign.iter().any(|(_, column, _)| column == name)
        };
        let free: Vec<usize> =
            (0..table.columns.len()).filter(|one| !is_used(&table.columns[*one].name)).collect();
        let pick = self.next(free.len());
        free.get(pick).copied()
    }

    fn rename_column(&mut self, at: usize) -> Option<(String, String)> {
        let column = self.free(at)?;
        let to = self.name("c");
        let table = self.tables[at].name.clone();
        let existing = self.tables[at].columns[column].clone();
        let existing = self.existing(&existing);
        let from = std::mem::replace(&mut self.tables[at].columns[column].name, to.clone());
        let call = |one: &str, other: &str| {
            let rest = format!("'{one}', new_column_name='{other}'{existing})");
            self.alter(
                &table,
                &format!("alter_column('{table}', {rest}"),
                &format!("alter_column({rest}"),
            )
        };
        Some((call(&from, &to), call(&to, &from)))
    }

    fn change_type(&mut self, at: usize) -> Option<(String, String)> {
        let column = self.free(at)?;
        let table = self.tables[at].name.clone();
        let one = self.tables[at].columns[column].clone();
        // The literals of the others are no defaults of these.
        let to = match one.kind {
            0 => 1,
            2 => 3,
            5 => 7,
            _ => return None,
        };
        let existing = self.existing(&one);
        self.tables[at].columns[column].kind = to;
        let call = |kind: usize| {
            let rest = format!("'{}', type_={}{existing})", one.name, TYPES[kind].0);
            self.alter(
                &table,
                &format!("alter_column('{table}', {rest}"),
                &format!("alter_column({rest}"),
            )
        };
        Some((call(to), call(one.kind)))
    }

    fn change_null(&mut self, at: usize) -> Option<(String, String)> {
        let column = self.free(at)?;
        let table = self.tables[at].name.clone();
        let one = &mut self.tables[at].columns[column];
        one.is_nullable = !one.is_nullable;
        let one = one.clone();
        let is_mysql = self.dialect == Dialect::MySql;
        let existing = format!(", existing_type={}", TYPES[one.kind].0);
        let existing = if is_mysql { existing } else { String::new() };
        let call = |is_nullable: bool| {
            let value = if is_nullable { "True" } else { "False" };
            let rest = format!("'{}', nullable={value}{existing})", one.name);
            self.alter(
                &table,
                &format!("alter_column('{table}', {rest}"),
                &format!("alter_column({rest}"),
            )
        };
        Some((call(one.is_nullable), call(!one.is_nullable)))
    }

    fn index(&mut self, at: usize) -> Option<(String, String)> {
        let column = self.free(at)?;
        let column = self.tables[at].columns[column].clone();
        if !self.is_indexed(column.kind) {
            return None;
        }
        let column = column.name;
        let table = self.tables[at].name.clone();
        let name = self.name("ix");
        let unique = if self.next(3) == 0 { ", unique=True" } else { "" };
        self.tables[at].indexes.push((name.clone(), column.clone()));
        Some((
            format!("op.create_index('{name}', '{table}', ['{column}', 'id']{unique})"),
            format!("op.drop_index('{name}', table_name='{table}')"),
        ))
    }

    fn unique(&mut self, at: usize) -> Option<(String, String)> {
        let column = self.free(at)?;
        let column = self.tables[at].columns[column].clone();
        if !self.is_indexed(column.kind) {
            return None;
        }
        let column = column.name;
        let name = self.name("uq");
        self.tables[at].uniques.push((name.clone(), column.clone()));
        let make = format!("create_unique_constraint('{name}', ");
        Some(self.constraint(at, &make, &format!("['{column}'])"), &name, "unique"))
    }

    fn check(&mut self, at: usize) -> Option<(String, String)> {
        let column = self.free(at)?;
        let column = self.tables[at].columns[column].name.clone();
        let name = self.name("ck");
        self.tables[at].checks.push((name.clone(), column.clone()));
        let make = format!("create_check_constraint('{name}', ");
        Some(self.constraint(at, &make, &format!("'{column} IS NOT NULL')"), &name, "check"))
    }

    fn foreign_key(&mut self, at: usize) -> Option<(String, String)> {
        let column = self.free(at)?;
        // MySQL refers with the very type only, and sets to NULL what takes NULL.
        let is_mysql = self.dialect == Dialect::MySql;
        let own = self.tables[at].columns[column].clone();
        if own.kind > usize::from(!is_mysql) || (is_mysql && !own.is_nullable) {
            return None;
        }
        let column = own.name;
        let to = self.next(self.tables.len());
        let referred = self.tables[to].name.clone();
        let name = self.name("fk");
        let action = ["", ", ondelete='CASCADE'", ", onupdate='SET NULL'"][self.next(3)];
        self.tables[at].foreign.push((name.clone(), column.clone(), referred.clone()));
        let table = self.tables[at].name.clone();
        let rest = format!("'{referred}', ['{column}'], ['id']{action})");
        let make = self.alter(
            &table,
            &format!("create_foreign_key('{name}', '{table}', {rest}"),
            &format!("create_foreign_key('{name}', {rest}"),
        );
        let (_, drop) = self.constraint(at, "", "", &name, "foreignkey");
        Some((make, drop))
    }

    fn constraint(
        &self,
        at: usize,
        make: &str,
        rest: &str,
        name: &str,
        kind: &str,
    ) -> (String, String) {
        let table = &self.tables[at].name;
        let make = self.alter(table, &format!("{make}'{table}', {rest}"), &format!("{make}{rest}"));
        let drop = self.alter(
            table,
            &format!("drop_constraint('{name}', '{table}', type_='{kind}')"),
            &format!("drop_constraint('{name}', type_='{kind}')"),
        );
        (make, drop)
    }

    fn drop_column(&mut self, at: usize) -> Option<(String, String)> {
        let column = self.free(at)?;
        if self.tables[at].columns.len() < 2 {
            return None;
        }
        let table = self.tables[at].name.clone();
        let one = self.tables[at].columns.remove(column);
        let name = &one.name;
        let drop = self.alter(
            &table,
            &format!("drop_column('{table}', '{name}')"),
            &format!("drop_column('{name}')"),
        );
        Some((
            drop,
            format!("op.add_column('{table}', sa.Column('{name}', {}))", TYPES[one.kind].0),
        ))
    }

    fn drop_part(&mut self, at: usize) -> Option<(String, String)> {
        let table = self.tables[at].name.clone();
        if let Some((name, column)) = self.tables[at].indexes.pop() {
            return Some((
                format!("op.drop_index('{name}', table_name='{table}')"),
                format!("op.create_index('{name}', '{table}', ['{column}', 'id'])"),
            ));
        }
        let (name, column) = self.tables[at].uniques.pop()?;
        let make = format!("create_unique_constraint('{name}', ");
        let (make, drop) = self.constraint(at, &make, &format!("['{column}'])"), &name, "unique");
        Some((drop, make))
    }
}
