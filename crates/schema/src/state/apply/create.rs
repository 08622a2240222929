//! `CREATE TABLE`, sequences, views, schemas, comments.

use std::sync::Arc;

use python::{Known, Name};
use sql::{
    ColumnDefinition, CommentOn, CreateSequence, CreateTable, CreateView, Dialect, ObjectName,
    Plain, SqlType, TypeName,
};

use super::{Done, Fault, Run};
use crate::state::fault::ObjectKind;
use crate::state::names;
use crate::state::parts::{Column, Sequence, Table, View};

/// How many characters a name of MySQL has at most.
const MYSQL_MOST: usize = 64;

impl Run<'_> {
    pub(super) fn create_table(&mut self, create: CreateTable) -> Done {
        let key = self.schema.key(&create.name);
        if create.temporary {
            self.schema.temporary.insert(key, ());
            return Ok(());
        }
        self.check_schema(&create.name)?;
        if create.if_not_exists && self.schema.taken(&key).is_some() {
            return Ok(());
        }
        self.check_length(&create.name.name)?;
        self.claim(ObjectKind::Table, &create.name)?;
        self.claim_type_name(ObjectKind::Table, &create.name)?;
        let mut table = Table::met(create.name.clone(), self.step, self.place, self.schema.dialect);
        table.is_created = true;
        table.is_open = create.is_open || create.partition_of.is_some();
        table.options = create.options;
        table.comment = optional(create.comment);
        if let Some(parent) = create.partition_of {
            self.inherit(&mut table, parent)?;
        }
        let mut constraints = Vec::new();
        for mut definition in create.columns {
            constraints.append(&mut definition.constraints);
            if table.partition_of.is_none()
                && let Some(taken) = table.column(&definition.name)
            {
                return Err(duplicate_column(&table.name, &definition.name, taken));
            }
            let column = self.make_column(&key, definition)?;
            table.columns.push(Arc::new(column));
        }
        self.schema.tables.insert(key.clone(), table);
        constraints.extend(create.constraints);
        self.add_constraints(&key, constraints)?;
        for index in create.indexes {
            self.add_index_to(&key, index)?;
        }
        Ok(())
    }

    /// The columns of a partition are its parent's.
    fn inherit(&mut self, table: &mut Table, parent: ObjectName) -> Done {
        if let Some(key) = self.target(&parent, false)?
            && let Some(parent) = self.schema.tables.get(&key)
        {
            for column in &parent.columns {
                let mut column = Column::clone(column);
                column.sequence = None;
                table.columns.push(Arc::new(column));
            }
        }
        table.partition_of = Some(parent);
        Ok(())
    }

    /// A column as it is once it stands in the table of this key.
    pub(super) fn make_column(
        &mut self,
        key: &ObjectName,
        definition: ColumnDefinition,
    ) -> Result<Column, Box<Fault>> {
        self.check_length(&definition.name)?;
        let mut column = Column {
            sql_type: definition.sql_type,
            nullable: definition.nullable,
            default: definition.default.map(|default| default.filter(|text| !is_null(text))),
            identity: definition.identity,
            generated: definition.generated,
            comment: optional(definition.comment),
            autoincrement: definition.autoincrement,
            sequence: None,
            made: self.step,
            changed: self.step,
            has_old_default: false,
            doubt: None,
            name: definition.name,
        };
        if self.schema.dialect != Dialect::PostgreSql {
            return Ok(column);
        }
        if let Known::Literal(Some(sql_type)) = &mut column.sql_type {
            if let Some(integer) = serial(sql_type) {
                sql_type.name = TypeName::BuiltIn(Name::const_new(integer));
                let sequence = self.own_sequence(key, &column.name);
                let text = names::regclass(&sequence);
                column.default = Known::Literal(Some(format!("nextval({text}::regclass)").into()));
                column.nullable = Known::Literal(false);
                column.sequence = Some(sequence);
            } else {
                self.use_type(&sql_type.clone())?;
            }
        }
        if column.identity.is_some() {
            column.nullable = Known::Literal(false);
            column.sequence = Some(self.own_sequence(key, &column.name));
        }
        Ok(column)
    }

    /// Makes the sequence of a serial or an identity column.
    pub(super) fn own_sequence(&mut self, key: &ObjectName, column: &Name) -> ObjectName {
        let schema = key.schema.as_ref();
        let name = names::choose(&key.name, Some(column), "seq", |name| {
            self.schema.is_taken(schema, name)
        });
        let name = ObjectName { schema: key.schema.clone(), name };
        let owner = Some((key.clone(), column.clone()));
        let sequence = Sequence { name: name.clone(), owner, made: self.step, doubt: None };
        self.schema.is_back(ObjectKind::Sequence, &name);
        self.schema.sequences.insert(name.clone(), sequence);
        name
    }

    pub(super) fn create_sequence(&mut self, create: &CreateSequence) -> Done {
        self.check_schema(&create.name)?;
        let key = self.schema.key(&create.name);
        if create.if_not_exists && self.schema.taken(&key).is_some() {
            return Ok(());
        }
        self.claim(ObjectKind::Sequence, &create.name)?;
        let name = create.name.clone();
        let sequence = Sequence { name, owner: None, made: self.step, doubt: None };
        self.schema.sequences.insert(key, sequence);
        Ok(())
    }

    pub(super) fn create_view(&mut self, create: CreateView) -> Done {
        self.check_schema(&create.name)?;
        let key = self.schema.key(&create.name);
        let taken = self.schema.taken(&key);
        if create.if_not_exists && taken.is_some() {
            return Ok(());
        }
        let is_replaced = create.or_replace && self.schema.views.contains(&key);
        if !is_replaced {
            self.claim(ObjectKind::View, &create.name)?;
        }
        let depends_on = create.depends_on.iter().map(|name| self.schema.key(name)).collect();
        let view = View {
            name: create.name,
            materialized: create.materialized,
            depends_on,
            text: create.text,
            made: self.step,
            doubt: None,
        };
        self.schema.views.insert(key, view);
        Ok(())
    }

    pub(super) fn create_schema(&mut self, create: &Plain) -> Done {
        let key = ObjectName::bare(create.name.name.clone());
        if let Some(made) = self.schema.schemas.get(&key) {
            if create.if_not_exists {
                return Ok(());
            }
            return Err(Box::new(Fault::Duplicate {
                kind: ObjectKind::Schema,
                name: key,
                taken_by: ObjectKind::Schema,
                made: **made,
                is_created: true,
            }));
        }
        self.schema.is_back(ObjectKind::Schema, &key);
        self.schema.schemas.insert(key, self.step);
        Ok(())
    }

    pub(super) fn comment(&mut self, comment: CommentOn) -> Done {
        if self.schema.views.contains(&self.schema.key(&comment.table)) {
            return Ok(());
        }
        let Some(key) = self.target(&comment.table, false)? else {
            return Ok(());
        };
        let text = optional(comment.text);
        let text = text.map(|text| text.filter(|text| !text.is_empty()));
        let Some(column) = comment.column else {
            if let Some(mut table) = self.schema.tables.get_mut(&key) {
                table.comment = text;
            }
            return Ok(());
        };
        let at = self.find_column(&key, &column)?;
        self.schema.change_column(&key, at, |column| column.comment = text);
        Ok(())
    }

    /// A schema that was dropped, or that nothing made, holds nothing.
    pub(super) fn check_schema(&self, name: &ObjectName) -> Done {
        let Some(schema) = &name.schema else {
            return Ok(());
        };
        let key = ObjectName::bare(schema.clone());
        let is_own = self.schema.dialect == Dialect::MySql
            || schema.starts_with("pg_")
            || schema == "information_schema"
            || schema == "temp";
        if is_own || self.schema.schemas.contains(&key) {
            return Ok(());
        }
        let is_absent = match self.schema.dialect {
            Dialect::PostgreSql => self.schema.is_absent(ObjectKind::Schema, &key),
            // Another database may be attached.
            Dialect::MySql | Dialect::Sqlite => false,
        };
        if is_absent { Err(self.unknown(ObjectKind::Schema, &key)) } else { Ok(()) }
    }

    pub(super) fn check_length(&self, name: &Name) -> Done {
        if self.schema.dialect == Dialect::MySql && name.chars().count() > MYSQL_MOST {
            return Err(Box::new(Fault::NameTooLong { name: name.clone(), most: 64 }));
        }
        Ok(())
    }
}

pub(super) fn duplicate_column(table: &ObjectName, name: &Name, taken: &Column) -> Box<Fault> {
    let made = taken.made;
    Box::new(Fault::DuplicateColumn { table: table.clone(), column: name.clone(), made })
}

/// What is not written is not there.
pub(super) fn optional(text: Option<Known<Box<str>>>) -> Known<Option<Box<str>>> {
    match text {
        None => Known::Literal(None),
        Some(Known::Literal(text)) => Known::Literal(Some(text)),
        Some(Known::Dynamic(place)) => Known::Dynamic(place),
    }
}

/// `DEFAULT NULL` is no default.
pub(super) fn is_null(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("null")
}

fn serial(sql_type: &SqlType) -> Option<&'static str> {
    let TypeName::BuiltIn(name) = &sql_type.name else {
        return None;
    };
    match name.as_str() {
        "SERIAL" | "SERIAL4" => Some("INTEGER"),
        "BIGSERIAL" | "SERIAL8" => Some("BIGINT"),
        "SMALLSERIAL" | "SERIAL2" => Some("SMALLINT"),
        _ => None,
    }
}
