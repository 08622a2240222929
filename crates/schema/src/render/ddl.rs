//! The statements that make a schema.

use std::collections::BTreeSet;

use python::Known;
use sql::{
    AlterTable, ColumnDefinition, CommentOn, Constraint, ConstraintBody, CreateEnum, CreateIndex,
    CreateSequence, CreateTable, Dialect, ObjectName, Plain, SqlType, Statement, TableAction,
    TypeName,
};

use crate::state::{Column, Schema, Table, TypeKind};

/// The statements that make the schema, each on lines of its own and ended by a semicolon: types,
/// then tables, those before others to which foreign keys of these refer, then indexes and views.
/// What is not known stands in a comment.
pub fn ddl(schema: &Schema) -> String {
    let mut writer = Writer { dialect: schema.dialect(), text: String::new() };
    for name in schema.schemas() {
        let name = ObjectName::bare(name);
        writer.statement(&Statement::CreateSchema(Plain { name, if_not_exists: false }));
    }
    for one in schema.types() {
        match &one.kind {
            TypeKind::Enum(labels) => writer.statement(&Statement::CreateEnum(CreateEnum {
                name: one.name.clone(),
                labels: labels.clone(),
            })),
            TypeKind::CheckedDomain | TypeKind::Other | TypeKind::Unknown => {
                writer.comment(&format!(
                    "type {} is not known here",
                    super::document::dotted(&one.name)
                ));
            }
        }
    }
    for one in schema.sequences().into_iter().filter(|one| one.owner.is_none()) {
        writer.statement(&Statement::CreateSequence(CreateSequence {
            name: one.name.clone(),
            if_not_exists: false,
            options: None,
        }));
    }
    writer.tables(schema);
    for view in schema.views() {
        writer.end(view.text.trim().trim_end_matches(';'));
    }
    writer.text
}

struct Writer {
    dialect: Dialect,
    text: String,
}

impl Writer {
    fn statement(&mut self, statement: &Statement) {
        let written = statement.written(self.dialect).replace('\t', "    ");
        let lines: Vec<&str> = written.trim().lines().map(str::trim_end).collect();
        self.end(&lines.join("\n"));
    }

    fn end(&mut self, statement: &str) {
        self.part();
        self.text.push_str(statement);
        self.text.push_str(";\n");
    }

    fn comment(&mut self, text: &str) {
        self.part();
        self.text.push_str(&format!("-- {text}\n"));
    }

    fn part(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    fn tables(&mut self, schema: &Schema) {
        let all = schema.tables();
        let present: BTreeSet<&ObjectName> = all.iter().map(|table| &table.name).collect();
        let mut made: BTreeSet<&ObjectName> = BTreeSet::new();
        let mut waiting: Vec<&Table> = all.iter().map(AsRef::as_ref).collect();
        let mut later = Vec::new();
        while !waiting.is_empty() {
            let is_free = |table: &&Table| {
                table.foreign_keys().all(|(_, key)| {
                    let to = &key.references.table;
                    *to == table.name || made.contains(to) || !present.contains(to)
                })
            };
            // Where all that are left refer to one another, one of their keys is added afterwards.
            let at = waiting.iter().position(is_free).unwrap_or(0);
            let table = waiting.remove(at);
            made.insert(&table.name);
            let is_late = |one: &Constraint| match &one.body {
                ConstraintBody::ForeignKey(key) => {
                    let to = &key.references.table;
                    present.contains(to) && !made.contains(to) && self.dialect != Dialect::Sqlite
                }
                _ => false,
            };
            let constraints = table.constraints.iter().map(|one| constraint(one));
            let (late, own): (Vec<_>, Vec<_>) = constraints.partition(is_late);
            later.extend(late.into_iter().map(|one| (table.name.clone(), one)));
            self.table(table, own);
        }
        for (table, constraint) in later {
            let actions = vec![TableAction::AddConstraint(Box::new(constraint))];
            self.statement(&Statement::AlterTable(AlterTable { table, if_exists: false, actions }));
        }
    }

    fn table(&mut self, table: &Table, constraints: Vec<Constraint>) {
        if let Some(doubt) = &table.doubt {
            self.comment(&format!("not sure: {}", doubt.why));
        }
        if table.is_open {
            let what = if table.is_created { "not wholly known" } else { "there before the chain" };
            let name = super::document::dotted(&table.name);
            self.comment(&format!("{name} is {what}: it may have more than this"));
        }
        for column in table
            .columns
            .iter()
            .filter_map(|column| column.doubt.as_ref().map(|doubt| (column, doubt)))
        {
            self.comment(&format!("column {} is not sure: {}", column.0.name, column.1.why));
        }
        let dialect = self.dialect;
        let inline = dialect == Dialect::MySql;
        self.statement(&Statement::CreateTable(Box::new(CreateTable {
            name: table.name.clone(),
            if_not_exists: false,
            temporary: false,
            columns: table.columns.iter().map(|one| column(one, dialect)).collect(),
            constraints,
            indexes: Vec::new(),
            partition_of: table.partition_of.clone(),
            is_open: false,
            prefixes: Vec::new(),
            options: table.options.clone(),
            comment: if inline { comment(&table.comment) } else { None },
        })));
        for index in table.indexes.iter().filter(|index| !index.for_foreign_key) {
            let name = index.name.clone().or_else(|| index.body.name.clone());
            let table = table.name.clone();
            self.statement(&Statement::CreateIndex(Box::new(CreateIndex {
                name,
                table,
                concurrently: false,
                if_not_exists: false,
                ..index.body.clone()
            })));
        }
        if dialect == Dialect::PostgreSql {
            self.comments(table);
        }
    }

    fn comments(&mut self, table: &Table) {
        let own = comment(&table.comment).map(|text| (None, text));
        let columns = table.columns.iter();
        let columns =
            columns.filter_map(|one| Some((Some(one.name.clone()), comment(&one.comment)?)));
        for (column, text) in own.into_iter().chain(columns) {
            let table = table.name.clone();
            self.statement(&Statement::Comment(CommentOn { table, column, text: Some(text) }));
        }
    }
}

fn comment(comment: &Known<Option<Box<str>>>) -> Option<Known<Box<str>>> {
    match comment {
        Known::Literal(Some(text)) => Some(Known::Literal(text.clone())),
        Known::Literal(None) | Known::Dynamic(_) => None,
    }
}

fn constraint(one: &crate::state::Constraint) -> Constraint {
    Constraint {
        name: one.name.clone(),
        body: one.body.clone(),
        deferrable: one.deferrable,
        initially: one.initially.clone(),
        not_valid: false,
    }
}

fn column(column: &Column, dialect: Dialect) -> ColumnDefinition {
    let serial = serial(column);
    let printed = |one: &SqlType| SqlType {
        name: TypeName::BuiltIn(one.printed(dialect).into()),
        arguments: Vec::new(),
        dimensions: 0,
        collation: one.collation.clone(),
    };
    let sql_type = match (&column.sql_type, serial) {
        (_, Some(name)) => Known::Literal(Some(SqlType {
            name: TypeName::BuiltIn(name.into()),
            arguments: Vec::new(),
            dimensions: 0,
            collation: None,
        })),
        (Known::Literal(one), None) => Known::Literal(one.as_ref().map(printed)),
        (Known::Dynamic(place), None) => Known::Dynamic(*place),
    };
    ColumnDefinition {
        name: column.name.clone(),
        sql_type,
        nullable: column.nullable.clone(),
        default: if serial.is_some() { Known::Literal(None) } else { column.default.clone() },
        generated: column.generated.clone(),
        identity: column.identity.clone(),
        autoincrement: column.autoincrement,
        constraints: Vec::new(),
        comment: if dialect == Dialect::MySql { comment(&column.comment) } else { None },
        placement: None,
    }
}

/// The word that makes the column with its sequence.
fn serial(column: &Column) -> Option<&'static str> {
    column.sequence.as_ref()?;
    let default = column.default.literal()?.as_deref()?;
    if column.identity.is_some() || !default.starts_with("nextval(") {
        return None;
    }
    let sql_type = column.sql_type.literal()?.as_ref()?;
    Some(match sql_type.printed(Dialect::PostgreSql).as_str() {
        "bigint" => "bigserial",
        "smallint" => "smallserial",
        _ => "serial",
    })
}
