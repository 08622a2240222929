//! Indexes.

use python::{Known, Name};
use sql::{CreateIndex, Dialect, DropIndex, IndexPart, ObjectName, Scope, Statement as Sql};

use super::super::columns::{self, ColumnObject};
use super::super::expression;
use super::super::library::Library;
use super::super::naming::{Named, Subject};
use super::super::value::{Call, Given, Value};
use super::{Lowering, Missing};

impl Lowering<'_> {
    pub(super) fn create_index(&mut self) {
        let operation = self.operation;
        let Ok(table) = self.table("table_name", "schema") else { return };
        let given = operation.value("index_name").map_or(Named::Unnamed, columns::named);
        let extra = |name: &str| operation.any(name);
        let columns: Option<Vec<Value>> =
            operation.value("columns").and_then(|value| match value {
                // A string is taken letter by letter.
                Value::Str(text) => {
                    Some(text.chars().map(|one| Value::text(&one.to_string())).collect())
                }
                other => other.items().map(<[Value]>::to_vec),
            });
        let Ok(mut create) = self.index(&table, given, columns.as_deref(), &extra) else { return };
        create.if_not_exists = self.flag("if_not_exists");
        if self.is_refused() {
            return;
        }
        self.push(Sql::CreateIndex(Box::new(create)));
    }

    /// `Column(index=True)`
    pub(super) fn column_index(&mut self, table: &ObjectName, column: &ColumnObject<'_>) {
        let Known::Literal(Some(name)) = &column.name else { return };
        match column.flag("index") {
            Known::Literal(Some(true)) => {}
            Known::Literal(_) => return,
            Known::Dynamic(_) => {
                self.opaque(
                    Some(vec![table.clone()]),
                    "whether the column has an index is only known to a run",
                );
                return;
            }
        }
        let unique = column.flag("unique") == Known::Literal(Some(true));
        let unique = Value::Bool(unique);
        let extra = |name: &str| (name == "unique").then_some(&unique);
        let columns = [Value::text(name)];
        if let Ok(create) = self.index(table, Named::Unnamed, Some(&columns), &extra) {
            self.push(Sql::CreateIndex(Box::new(create)));
        }
    }

    /// `Index(…)` among the columns of a table.
    pub(super) fn index_object(&mut self, table: &ObjectName, call: &Call) {
        let given: &Given = &call.given;
        let name = given.get(0, "name").map_or(Named::Unnamed, |one| columns::named(&one.value));
        let columns: Vec<Value> =
            given.positional.iter().skip(1).map(|one| one.value.clone()).collect();
        let columns = given.open.is_none().then_some(columns);
        let extra = |name: &str| given.value(name);
        if let Ok(create) = self.index(table, name, columns.as_deref(), &extra) {
            self.push(Sql::CreateIndex(Box::new(create)));
        }
    }

    fn index<'v>(
        &mut self,
        table: &ObjectName,
        given: Named,
        columns: Option<&[Value]>,
        extra: &dyn Fn(&str) -> Option<&'v Value>,
    ) -> Result<CreateIndex, Missing> {
        let place = self.operation.place;
        let parts = match columns {
            Some(values) => self.parts(values, extra),
            None => Known::Dynamic(place),
        };
        let names: Vec<Name> = match &parts {
            Known::Literal(parts) => parts.iter().filter_map(|part| part.column.clone()).collect(),
            Known::Dynamic(_) => Vec::new(),
        };
        let convention = self.naming.index.clone();
        let given =
            if parts.is_dynamic() && given == Named::Unnamed { Named::Dynamic } else { given };
        let subject = Subject {
            schema: table.schema.as_deref(),
            table: &table.name,
            columns: &names,
            ..Subject::default()
        };
        let Ok(name) = self.name(&convention, given, &subject, place) else {
            if !self.is_refused() {
                self.opaque(
                    Some(vec![table.clone()]),
                    "the name of the index is only known to a run",
                );
            }
            return Err(Missing);
        };
        if name.is_none() {
            self.refuse(place, "CompileError", "CREATE INDEX requires that the index have a name");
            return Err(Missing);
        }
        let own = |argument: &str| extra(&format!("{}_{argument}", self.dialect.name()));
        let flag = |value: Option<&Value>| value.and_then(Value::truth) == Some(true);
        let is_postgres = self.dialect == Dialect::PostgreSql;
        Ok(CreateIndex {
            name,
            table: table.clone(),
            parts,
            unique: flag(extra("unique")),
            concurrently: is_postgres && flag(own("concurrently")),
            only: false,
            if_not_exists: false,
            using: own("using").and_then(columns::text),
            include: own("include")
                .filter(|_| is_postgres)
                .and_then(columns::names)
                .unwrap_or_default(),
            predicate: own("where")
                .filter(|one| !one.is_none())
                .map(|value| expression::sql_text(value, self.dialect, place)),
            nulls_not_distinct: is_postgres && flag(own("nulls_not_distinct")),
            options: self.index_options(extra),
            prefix: own("prefix")
                .filter(|_| self.dialect == Dialect::MySql)
                .and_then(columns::text),
        })
    }

    fn index_options<'v>(&self, extra: &dyn Fn(&str) -> Option<&'v Value>) -> Option<Box<str>> {
        let mut words: Vec<String> = Vec::new();
        match self.dialect {
            Dialect::PostgreSql => {
                if let Some(Value::Dict(pairs)) = extra("postgresql_with") {
                    let pair = |(key, value): &(Value, Value)| {
                        let value = match value {
                            Value::Int(number) => number.to_string(),
                            Value::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
                            other => other.as_str().unwrap_or_default().to_owned(),
                        };
                        format!("{} = {value}", key.as_str().unwrap_or_default())
                    };
                    words.push(format!(
                        "WITH ({})",
                        pairs.iter().map(pair).collect::<Vec<_>>().join(", ")
                    ));
                }
                if let Some(space) = extra("postgresql_tablespace").and_then(Value::as_str) {
                    words.push(format!("TABLESPACE {}", sql::quoted_name(space, self.dialect)));
                }
            }
            Dialect::MySql => {
                if let Some(parser) = extra("mysql_with_parser").and_then(Value::as_str) {
                    words.push(format!("WITH PARSER {parser}"));
                }
            }
            Dialect::Sqlite => {}
        }
        (!words.is_empty()).then(|| words.join(" ").into())
    }

    fn parts<'v>(
        &self,
        values: &[Value],
        extra: &dyn Fn(&str) -> Option<&'v Value>,
    ) -> Known<Vec<IndexPart>> {
        let mut parts = Vec::with_capacity(values.len());
        for value in values {
            match self.part(value) {
                Ok(mut more) => parts.append(&mut more),
                Err(place) => return Known::Dynamic(place),
            }
        }
        let lookup = |dict: Option<&'v Value>, name: &str| match dict {
            Some(Value::Dict(pairs)) => {
                pairs.iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
            }
            _ => None,
        };
        for part in &mut parts {
            let Some(column) = part.column.clone() else { continue };
            if self.dialect == Dialect::PostgreSql {
                let class = lookup(extra("postgresql_ops"), &column).and_then(columns::text);
                part.operator_class = class.or(part.operator_class.take());
            }
            if self.dialect == Dialect::MySql {
                let length = match extra("mysql_length") {
                    Some(Value::Int(number)) => Some(*number),
                    dict => lookup(dict, &column).and_then(Value::as_int),
                };
                part.length = length.and_then(|number| u32::try_from(number).ok());
            }
        }
        Known::Literal(parts)
    }

    /// One item of an index's columns; a text may hold several.
    fn part(&self, value: &Value) -> Result<Vec<IndexPart>, diagnostics::Place> {
        if let Some(name) = columns::column_name(value) {
            return Ok(vec![column_part(name, None)]);
        }
        let place = value.as_unsettled().map_or(self.operation.place, |one| one.place);
        if let Some((inner, order)) = ordered(value)
            && let Some(name) = columns::column_name(inner)
        {
            return Ok(vec![column_part(name, Some(order))]);
        }
        let is_text = value.called().is_some_and(|(name, _)| {
            matches!(Library::of(name), Library::Core("text" | "literal_column" | "TextClause"))
        });
        let Known::Literal(text) = expression::expression(value, self.dialect, place) else {
            return Err(place);
        };
        if is_text && let Some(parts) = self.parts_of_text(&text) {
            return Ok(parts);
        }
        Ok(vec![IndexPart::expression(text)])
    }

    /// What `CREATE INDEX … (text)` indexes.
    fn parts_of_text(&self, text: &str) -> Option<Vec<IndexPart>> {
        let statement = format!("CREATE INDEX i ON t ({text})");
        let mut read = sql::read(&statement, self.dialect).into_iter();
        match (read.next()?.statement, read.next()) {
            (Sql::CreateIndex(create), None) => create.parts.literal().cloned(),
            _ => None,
        }
    }

    pub(super) fn drop_index(&mut self) {
        let operation = self.operation;
        let place = operation.place;
        let table = match operation.value("table_name") {
            None | Some(Value::None) => None,
            Some(value) => columns::text(value),
        };
        let Ok(schema) = self.schema_of("schema") else {
            self.opaque(None, "the schema of the index is only known to a run");
            return;
        };
        let table = table.map(|name| ObjectName { schema: schema.clone(), name });
        let given = operation.value("index_name").map_or(Named::Unnamed, columns::named);
        let name = match given {
            Named::Unnamed => {
                self.refuse(
                    place,
                    "CompileError",
                    "DROP INDEX requires that the index have a name",
                );
                return;
            }
            given => {
                let convention = self.naming.index.clone();
                let owner =
                    table.as_ref().map_or("no_table", |table| table.name.as_str()).to_owned();
                let subject =
                    Subject { schema: schema.as_deref(), table: &owner, ..Subject::default() };
                self.name(&convention, given, &subject, place)
            }
        };
        let Ok(Some(name)) = name else {
            if !self.is_refused() {
                self.opaque_within(
                    table.map(|table| vec![table]),
                    Scope::DropsIndex,
                    "which index is dropped is only known to a run",
                );
            }
            return;
        };
        if self.dialect == Dialect::MySql && table.is_none() {
            // Alembic writes `ON no_table`.
            let table = Some(ObjectName::bare("no_table"));
            self.push_drop(name, schema, table);
            return;
        }
        self.push_drop(name, schema, table);
    }

    fn push_drop(&mut self, name: Name, schema: Option<Name>, table: Option<ObjectName>) {
        let concurrently =
            self.dialect == Dialect::PostgreSql && self.flag("postgresql_concurrently");
        let schema = schema.filter(|_| self.dialect != Dialect::MySql);
        let if_exists = self.flag("if_exists");
        self.push(Sql::DropIndex(DropIndex {
            names: vec![ObjectName { schema, name }],
            table,
            concurrently,
            if_exists,
            cascade: false,
        }));
    }
}

fn column_part(name: Name, order: Option<&'static str>) -> IndexPart {
    IndexPart { order: order.map(Into::into), ..IndexPart::column(name) }
}

/// `column.desc()`, `desc(column)`: the column and its order.
fn ordered(value: &Value) -> Option<(&Value, &'static str)> {
    const ORDERS: &[&str] =
        &["desc", "asc", "nullsfirst", "nullslast", "nulls_first", "nulls_last"];
    if let Some((object, method, _)) = value.method() {
        return ORDERS.contains(&method).then(|| (object, expression::order_word(method)));
    }
    let (name, call) = value.called()?;
    let Library::Core(function) = Library::of(name) else { return None };
    let inner = &call.given.positional.first()?.value;
    ORDERS.contains(&function).then(|| (inner, expression::order_word(function)))
}

/// The table of `table.c.column`, where the table is one that was made by its name.
pub(in super::super) fn table_of_column(value: &Value) -> Option<ObjectName> {
    let columns = match value {
        Value::Attribute(parts) => &parts.0,
        Value::Item(parts) => &parts.0,
        _ => return None,
    };
    let Value::Attribute(parts) = columns else { return None };
    if !matches!(&*parts.1, "c" | "columns") {
        return None;
    }
    let (name, call) = parts.0.called()?;
    if !matches!(Library::of(name), Library::Core("Table" | "table")) {
        return None;
    }
    let schema = call.given.value("schema").and_then(columns::text);
    let name = columns::text(&call.given.positional.first()?.value)?;
    Some(ObjectName { schema, name })
}
