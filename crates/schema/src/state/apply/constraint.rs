//! Adding and dropping constraints.

use python::{Known, Name};
use sql::{
    Constraint as Written, ConstraintBody, ConstraintKind, Dialect, ForeignKey, KeyColumns,
    ObjectName,
};

use super::{Done, Fault, Run};
use crate::state::expression;
use crate::state::fault::ObjectKind;
use crate::state::names;
use crate::state::parts::{Constraint, Index, Table};

impl Run<'_> {
    /// Adds the constraints of a new table or of a new column, in the order of the database.
    pub(super) fn add_constraints(
        &mut self,
        key: &ObjectName,
        mut constraints: Vec<Written>,
    ) -> Done {
        if self.schema.dialect == Dialect::PostgreSql {
            constraints.sort_by_key(|constraint| match constraint.kind() {
                ConstraintKind::Check => 0,
                ConstraintKind::PrimaryKey => 1,
                ConstraintKind::Unique | ConstraintKind::Exclude => 2,
                ConstraintKind::ForeignKey => 3,
            });
            without_repeated(&mut constraints);
        }
        constraints.into_iter().try_for_each(|constraint| self.add_constraint(key, constraint))
    }

    pub(super) fn add_constraint(&mut self, key: &ObjectName, constraint: Written) -> Done {
        if let Some(name) = &constraint.name {
            self.check_length(name)?;
            self.check_constraint_name(key, name, &constraint)?;
        }
        let Written { name, body, deferrable, initially, not_valid } = constraint;
        let taken_over = self.number_of_index(key, &body);
        let is_made_up = name.is_none();
        let (name, body) = match body {
            ConstraintBody::PrimaryKey(columns) => self.primary_key(key, name, columns)?,
            ConstraintBody::Unique(columns) => self.unique(key, name, columns)?,
            ConstraintBody::ForeignKey(foreign) => {
                let foreign = self.foreign_key(key, foreign)?;
                let name = name.or_else(|| self.foreign_key_name(key, &foreign));
                self.index_foreign_key(key, name.as_ref().filter(|_| !is_made_up), &foreign);
                (name, ConstraintBody::ForeignKey(foreign))
            }
            ConstraintBody::Check(check) => {
                if let Known::Literal(text) = &check.expression {
                    self.check_expression(key, text)?;
                }
                let name = name.or_else(|| self.check_name(key, check.expression.literal()?));
                (name, ConstraintBody::Check(check))
            }
            ConstraintBody::Exclude { text, columns } => {
                let is_clear = text.literal().is_some_and(|text| !text.contains("(("));
                let name = match name {
                    None if is_clear => Some(self.key_name(key, &columns, &[], "excl")),
                    name => name,
                };
                if let Some(name) = &name {
                    self.claim_index(key, name)?;
                }
                (name, ConstraintBody::Exclude { text, columns })
            }
        };
        let made = self.step;
        let number = match &body {
            ConstraintBody::ForeignKey(foreign) => self.schema.key_of(foreign),
            ConstraintBody::Check(_) => 0,
            _ if taken_over > 0 => taken_over,
            _ => self.schema.new_key(),
        };
        let constraint = Constraint {
            name,
            body,
            deferrable,
            initially,
            not_valid,
            is_made_up,
            key: number,
            made,
            doubt: None,
        };
        self.schema.push_constraint(key, constraint);
        Ok(())
    }

    /// The number of the index of `USING INDEX`.
    fn number_of_index(&self, key: &ObjectName, body: &ConstraintBody) -> u32 {
        let (ConstraintBody::PrimaryKey(columns) | ConstraintBody::Unique(columns)) = body else {
            return 0;
        };
        let table = self.schema.tables.get(key);
        let index =
            table.zip(columns.using_index.as_ref()).and_then(|(table, name)| table.index(name));
        index.map_or(0, |index| index.key)
    }

    fn check_constraint_name(
        &mut self,
        key: &ObjectName,
        name: &Name,
        constraint: &Written,
    ) -> Done {
        if self.schema.tables.get(key).is_none() {
            return Ok(());
        }
        let is_index = matches!(
            constraint.kind(),
            ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclude
        );
        if self.schema.dialect == Dialect::Sqlite
            || (self.schema.dialect == Dialect::MySql
                && constraint.kind() == ConstraintKind::PrimaryKey)
        {
            return Ok(());
        }
        if is_index && self.schema.dialect == Dialect::MySql {
            return self.check_mysql_index(key, name);
        }
        let using = match &constraint.body {
            ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => {
                key.using_index.as_ref()
            }
            _ => None,
        };
        if is_index && using != Some(name) {
            self.claim_index(key, name)?;
        }
        let Some(table) = self.schema.tables.get(key) else {
            return Ok(());
        };
        let Some(taken) = table.constraint(name) else {
            return Ok(());
        };
        if taken.doubt.is_none() {
            let (table, made) = (table.name.clone(), taken.made);
            let constraint = name.clone();
            return Err(Box::new(Fault::DuplicateConstraint { table, constraint, made }));
        }
        if let Some(at) = table.constraints.iter().position(|one| one.name.as_ref() == Some(name)) {
            let gone = self.gone(None);
            self.schema.take_constraint(key, at, gone);
        }
        Ok(())
    }

    /// Makes sure that nothing is in the way of an index of this name in the schema of a table.
    pub(super) fn claim_index(&mut self, key: &ObjectName, name: &Name) -> Done {
        if self.schema.dialect != Dialect::PostgreSql {
            return Ok(());
        }
        let name = ObjectName { schema: key.schema.clone(), name: name.clone() };
        self.claim(ObjectKind::Index, &name)
    }

    fn primary_key(
        &mut self,
        key: &ObjectName,
        name: Option<Name>,
        columns: KeyColumns,
    ) -> Result<(Option<Name>, ConstraintBody), Box<Fault>> {
        if let Some(table) = self.schema.tables.get(key)
            && let Some((taken, _)) = table.primary_key()
            && taken.doubt.is_none()
        {
            let (table, constraint) = (table.name.clone(), taken.name.clone());
            return Err(Box::new(Fault::SecondPrimaryKey { table, constraint, made: taken.made }));
        }
        let (name, columns) = self.key_columns(key, name, columns, "pkey")?;
        if let Known::Literal(names) = &columns.columns
            && self.schema.dialect != Dialect::Sqlite
        {
            for name in names {
                let at = self.find_column(key, name)?;
                self.schema
                    .change_column(key, at, |column| column.nullable = Known::Literal(false));
            }
        }
        let name = name.filter(|_| self.schema.dialect != Dialect::MySql);
        Ok((name, ConstraintBody::PrimaryKey(columns)))
    }

    fn unique(
        &mut self,
        key: &ObjectName,
        name: Option<Name>,
        columns: KeyColumns,
    ) -> Result<(Option<Name>, ConstraintBody), Box<Fault>> {
        let (name, columns) = self.key_columns(key, name, columns, "key")?;
        Ok((name, ConstraintBody::Unique(columns)))
    }

    /// The name and the columns of a primary key or a unique constraint.
    fn key_columns(
        &mut self,
        key: &ObjectName,
        name: Option<Name>,
        mut columns: KeyColumns,
        label: &str,
    ) -> Result<(Option<Name>, KeyColumns), Box<Fault>> {
        if let Some(index) = columns.using_index.take() {
            let index = self.take_over(key, &index)?;
            let body = index.as_ref().map(|index| &index.body);
            columns.columns = match body.and_then(|body| body.parts.literal()) {
                Some(parts) => {
                    Known::Literal(parts.iter().filter_map(|part| part.column.clone()).collect())
                }
                None => Known::Dynamic(self.place),
            };
            columns.include = body.map(|body| body.include.clone()).unwrap_or_default();
            columns.nulls_not_distinct = body.is_some_and(|body| body.nulls_not_distinct);
            return Ok((name.or_else(|| index?.name), columns));
        }
        let Known::Literal(own) = &columns.columns else {
            return Ok((name, columns));
        };
        for column in own.iter().chain(&columns.include) {
            self.find_column(key, column)?;
        }
        let repeated = (1..own.len()).find(|at| own[..*at].contains(&own[*at]));
        if let Some(at) = repeated
            && self.schema.dialect != Dialect::Sqlite
        {
            let (table, column) = (self.schema.tables[key].name.clone(), own[at].clone());
            return Err(Box::new(Fault::RepeatedColumn { table, column }));
        }
        let name = match (name, self.schema.dialect) {
            (Some(name), _) => Some(name),
            (None, Dialect::Sqlite) => None,
            (None, Dialect::PostgreSql) => {
                let name = if label == "pkey" {
                    self.choose(key, None, label)
                } else {
                    self.key_name(key, own, &columns.include, label)
                };
                self.claim_index(key, &name)?;
                Some(name)
            }
            (None, Dialect::MySql) => {
                own.first().and_then(|first| self.mysql_index_name(key, first))
            }
        };
        Ok((name, columns))
    }

    /// Takes the index of `USING INDEX` away from the table, so that its constraint stands for it.
    fn take_over(&mut self, key: &ObjectName, name: &Name) -> Result<Option<Index>, Box<Fault>> {
        let object = ObjectName { schema: key.schema.clone(), name: name.clone() };
        let Some(table) = self.schema.tables.get(key) else {
            return Ok(None);
        };
        let Some(at) = table.indexes.iter().position(|index| index.name.as_ref() == Some(name))
        else {
            if self.schema.is_absent(ObjectKind::Index, &object) {
                return Err(self.unknown(ObjectKind::Index, &object));
            }
            return Ok(Some(index_named(table, name, self)));
        };
        let index = Index::clone(&table.indexes[at]);
        let gone = self.gone(None);
        self.schema.take_index(key, at, gone);
        Ok(Some(index))
    }

    /// `table_label`, `table_part_label`, numbered where a relation or a constraint has it.
    fn choose(&self, key: &ObjectName, part: Option<&str>, label: &str) -> Name {
        let schema = key.schema.as_ref();
        names::choose(&key.name, part, label, |name| {
            self.schema.is_taken(schema, name) || self.schema.is_constraint(schema, name)
        })
    }

    fn key_name(&self, key: &ObjectName, columns: &[Name], include: &[Name], label: &str) -> Name {
        let all = columns.iter().chain(include).map(Name::as_str);
        self.choose(key, Some(&names::addition(all)), label)
    }

    fn check_name(&self, key: &ObjectName, text: &str) -> Option<Name> {
        let table = self.schema.tables.get(key)?;
        match self.schema.dialect {
            Dialect::Sqlite => None,
            Dialect::MySql => (!table.is_open).then(|| {
                let names = table.constraints.iter().filter_map(|one| one.name.as_deref());
                names::mysql_constraint(&key.name, "chk", names)
            }),
            Dialect::PostgreSql => {
                let columns = table.column_names();
                let (named, has_other) =
                    expression::columns_named(self.schema.dialect, text, &columns)?;
                if has_other && table.is_open {
                    return None;
                }
                let part = match named.as_slice() {
                    [one] => Some(one.as_str()),
                    _ => None,
                };
                let schema = key.schema.as_ref();
                let is_taken = |name: &Name| self.schema.is_constraint(schema, name);
                Some(names::choose(&key.name, part, "check", is_taken))
            }
        }
    }

    fn foreign_key_name(&self, key: &ObjectName, foreign: &ForeignKey) -> Option<Name> {
        let table = self.schema.tables.get(key)?;
        match self.schema.dialect {
            Dialect::Sqlite => None,
            Dialect::MySql => (!table.is_open).then(|| {
                let names = table.constraints.iter().filter_map(|one| one.name.as_deref());
                names::mysql_constraint(&key.name, "ibfk", names)
            }),
            Dialect::PostgreSql => {
                let columns = foreign.columns.literal()?;
                let part = names::addition(columns.iter().map(Name::as_str));
                let schema = key.schema.as_ref();
                let is_taken = |name: &Name| self.schema.is_constraint(schema, name);
                Some(names::choose(&key.name, Some(&part), "fkey", is_taken))
            }
        }
    }

    pub(super) fn drop_constraint(
        &mut self,
        key: &ObjectName,
        name: Option<&Name>,
        kind: Option<ConstraintKind>,
        if_exists: bool,
        cascade: bool,
    ) -> Done {
        let Some(table) = self.schema.tables.get(key) else {
            return Ok(());
        };
        let is_it = |one: &Constraint| match name {
            Some(name) if self.schema.dialect == Dialect::MySql => {
                one.name.as_ref().is_some_and(|one| one.eq_ignore_ascii_case(name))
                    && kind.is_none_or(|kind| kind == one.kind())
            }
            Some(name) => one.name.as_ref() == Some(name),
            None => Some(one.kind()) == kind,
        };
        let Some(at) = table.constraints.iter().position(|one| is_it(one)) else {
            return self.no_constraint(key, name, kind, if_exists);
        };
        self.release(key, at, cascade)?;
        // Releasing may have taken others of this table away.
        let table = &self.schema.tables[key];
        let is_it = |one: &Constraint| match name {
            Some(name) => one
                .name
                .as_deref()
                .is_some_and(|one| names::is_same(self.schema.dialect, one, name)),
            None => Some(one.kind()) == kind,
        };
        if let Some(at) = table.constraints.iter().position(|one| is_it(one)) {
            let gone = self.gone(None);
            self.schema.take_constraint(key, at, gone);
        }
        Ok(())
    }

    fn no_constraint(
        &mut self,
        key: &ObjectName,
        name: Option<&Name>,
        kind: Option<ConstraintKind>,
        if_exists: bool,
    ) -> Done {
        let table = &self.schema.tables[key];
        let is_absent = match name {
            Some(name) => table.has_constraint(name) == Some(false),
            None => !table.is_open && table.doubt.is_none(),
        };
        if is_absent && !if_exists && self.schema.dialect != Dialect::Sqlite {
            let gone = name.and_then(|name| {
                table
                    .gone_constraints
                    .iter()
                    .find(|(gone, _)| gone == name)
                    .map(|(_, gone)| gone.clone())
            });
            let (table, constraint) = (table.name.clone(), name.cloned());
            return Err(Box::new(Fault::UnknownConstraint { table, constraint, gone }));
        }
        let gone = self.gone(None);
        let is_unnamed =
            |one: &Constraint| one.name.is_none() && kind.is_none_or(|kind| one.kind() == kind);
        let place = self.place;
        if let Some(mut table) = self.schema.tables.get_mut(key)
            && !is_absent
            && let Some(name) = name
        {
            // One of those whose name is not known may be the one.
            super::doubt::doubt_constraints(&mut table, is_unnamed, place, "its name is not known");
            table.gone_constraints.push((name.clone(), gone));
        }
        Ok(())
    }
}

fn index_named(_table: &Table, name: &Name, run: &Run<'_>) -> Index {
    let place = run.place;
    Index {
        name: Some(name.clone()),
        body: sql::CreateIndex {
            name: Some(name.clone()),
            table: ObjectName::bare(name.clone()),
            parts: Known::Dynamic(place),
            unique: true,
            concurrently: false,
            only: false,
            if_not_exists: false,
            using: None,
            include: Vec::new(),
            predicate: None,
            nulls_not_distinct: false,
            options: None,
            prefix: None,
        },
        for_foreign_key: false,
        key: 0,
        made: run.step,
        doubt: None,
    }
}

/// PostgreSQL makes one index of a primary key and a unique constraint that say the same; the first
/// takes the name of the second where it has none.
fn without_repeated(constraints: &mut Vec<Written>) {
    let mut at = 0;
    while at < constraints.len() {
        let earlier = (0..at).find(|one| says_the_same(&constraints[*one], &constraints[at]));
        match earlier {
            Some(one) => {
                let removed = constraints.remove(at);
                let name = &mut constraints[one].name;
                *name = name.take().or(removed.name);
            }
            None => at += 1,
        }
    }
}

fn says_the_same(one: &Written, other: &Written) -> bool {
    let key = |constraint: &Written| match &constraint.body {
        ConstraintBody::PrimaryKey(key) | ConstraintBody::Unique(key) => Some(key.clone()),
        _ => None,
    };
    let (Some(first), Some(second)) = (key(one), key(other)) else {
        return false;
    };
    let is_primary = |one: &Written| one.kind() == ConstraintKind::PrimaryKey;
    first == second
        && !(is_primary(one) && is_primary(other))
        && !first.columns.is_dynamic()
        && first.using_index.is_none()
        && one.deferrable.unwrap_or(false) == other.deferrable.unwrap_or(false)
        && one.initially == other.initially
}
