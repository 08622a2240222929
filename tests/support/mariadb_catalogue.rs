//! What is in a MariaDB database, in lines that a replayed schema is compared by. Where MariaDB prints
//! otherwise than MySQL, the line says what MySQL would print; each such place says so.

use std::collections::BTreeSet;

use super::mariadb::{Rows, Session};

/// A second database that revisions of tests make.
const OTHER: &str = "other";

/// Lines, sorted; names stand bare in the database `main`.
pub(crate) fn facts(session: &mut Session, main: &str) -> Vec<String> {
    let mut reader = Reader { session, main, documents: BTreeSet::new(), facts: Vec::new() };
    reader.checks();
    reader.columns();
    reader.foreign_keys();
    reader.indexes();
    reader.others();
    let mut facts = reader.facts;
    facts.retain(|fact| !fact.contains("alembic_version"));
    facts.sort();
    facts
}

struct Reader<'s> {
    session: &'s mut Session,
    main: &'s str,
    /// Columns of type JSON.
    documents: BTreeSet<String>,
    facts: Vec<String>,
}

impl Reader<'_> {
    fn checks(&mut self) {
        let ours = self.ours("constraint_schema");
        let rows = self.ask(&format!(
            "select constraint_schema, table_name, constraint_name, check_clause
             from information_schema.check_constraints where {ours}"
        ));
        for row in rows {
            let table = self.qualified(&row[0], &row[1]);
            let (name, clause) = (text(&row[2]), text(&row[3]));
            // MariaDB's JSON is a LONGTEXT with a check on it.
            if clause == format!("json_valid(`{name}`)") {
                self.documents.insert(format!("{table}.{name}"));
                continue;
            }
            // MariaDB counts `CONSTRAINT_1` where MySQL counts `table_chk_1`.
            let is_made_up = name.strip_prefix("CONSTRAINT_").is_some_and(is_number);
            let name = if is_made_up { "?" } else { name };
            self.facts.push(format!("check {table} {name} {}", plain(clause)));
        }
    }

    fn columns(&mut self) {
        let ours = self.ours("c.table_schema");
        let rows = self.ask(&format!(
            "select c.table_schema, c.table_name, c.column_name, c.column_type, c.is_nullable,
                c.column_default, c.extra, c.column_comment, c.character_set_name, c.collation_name,
                t.table_comment
             from information_schema.columns c join information_schema.tables t
                using (table_schema, table_name)
             where t.table_type = 'BASE TABLE' and {ours}"
        ));
        for row in rows {
            let table = self.qualified(&row[0], &row[1]);
            let name = format!("{table}.{}", text(&row[2]));
            self.facts.push(format!("table {table} comment {:?}", text(&row[10])));
            let extra = text(&row[6]).to_lowercase();
            let is_document = self.documents.contains(&name);
            let kind = if is_document { "json".to_owned() } else { printed(text(&row[3])) };
            let charset = row[8].as_deref().filter(|set| !is_document && *set != "utf8mb4");
            let collation = row[9].as_deref().filter(|one| one.ends_with("_bin") && !is_document);
            let generated = ["stored", "virtual"].into_iter().find(|word| extra.contains(word));
            let default = default(&kind, row[5].as_deref(), &extra);
            self.facts.push(format!(
                "column {name} {kind} charset {} collate {} null {} auto {} generated {} comment {:?} default {default:?}",
                charset.unwrap_or_default(),
                collation.unwrap_or_default(),
                text(&row[4]) == "YES",
                extra.contains("auto_increment"),
                generated.unwrap_or_default(),
                text(&row[7]),
            ));
        }
        self.facts.sort();
        self.facts.dedup();
    }

    fn foreign_keys(&mut self) {
        let ours = self.ours("k.table_schema");
        let rows = self.ask(&format!(
            "select k.table_schema, k.table_name, k.constraint_name,
                group_concat(k.column_name order by k.ordinal_position),
                k.referenced_table_schema, k.referenced_table_name,
                group_concat(k.referenced_column_name order by k.ordinal_position),
                r.update_rule, r.delete_rule
             from information_schema.key_column_usage k
             join information_schema.referential_constraints r
                on r.constraint_schema = k.table_schema and r.table_name = k.table_name
                and r.constraint_name = k.constraint_name
             where {ours} and k.referenced_table_name is not null group by 1, 2, 3"
        ));
        for row in rows {
            let table = self.qualified(&row[0], &row[1]);
            let referred = self.qualified(&row[4], &row[5]);
            // MariaDB says RESTRICT where nothing was said, MySQL NO ACTION; the two do the same.
            let rule = |rule: &Option<String>| text(rule).replace("NO ACTION", "RESTRICT");
            self.facts.push(format!(
                "foreign key {table} {} ({}) -> {referred} ({}) {} {}",
                text(&row[2]),
                text(&row[3]),
                text(&row[6]),
                rule(&row[7]),
                rule(&row[8])
            ));
        }
    }

    fn indexes(&mut self) {
        let ours = self.ours("table_schema");
        let rows = self.ask(&format!(
            "select table_schema, table_name, index_name, min(non_unique), min(index_type),
                group_concat(concat(column_name,
                    if(index_type = 'BTREE' and sub_part is not null, concat('(', sub_part, ')'), ''),
                    if(collation = 'D', ' desc', '')) order by seq_in_index)
             from information_schema.statistics where {ours} group by 1, 2, 3"
        ));
        for row in rows {
            let table = self.qualified(&row[0], &row[1]);
            self.facts.push(format!(
                "index {table} {} unique {} {} ({})",
                text(&row[2]),
                text(&row[3]) == "0",
                text(&row[4]),
                text(&row[5])
            ));
        }
    }

    fn others(&mut self) {
        let ours = self.ours("table_schema");
        let views = self.ask(&format!(
            "select table_schema, table_name from information_schema.views where {ours}"
        ));
        for row in views {
            let name = self.qualified(&row[0], &row[1]);
            self.facts.push(format!("view {name}"));
        }
        let other = self.ask(&format!(
            "select 1 from information_schema.schemata where schema_name = '{OTHER}'"
        ));
        if !other.is_empty() {
            self.facts.push(format!("schema {OTHER}"));
        }
    }

    /// Whether a database is one that is asked about.
    fn ours(&self, column: &str) -> String {
        format!("{column} in ('{}', '{OTHER}')", self.main)
    }

    fn ask(&mut self, query: &str) -> Rows {
        self.session.run(query).unwrap_or_else(|error| panic!("{}: {query}", error.message))
    }

    #[expect(clippy::ref_option, reason = "fields of a row are borrowed as they are")]
    fn qualified(&self, schema: &Option<String>, name: &Option<String>) -> String {
        if text(schema) == self.main {
            return text(name).to_owned();
        }
        format!("{}.{}", text(schema), text(name))
    }
}

/// A type as MySQL prints it.
fn printed(kind: &str) -> String {
    // SQLAlchemy has MariaDB's own type for `Uuid`, and `CHAR(32)` on MySQL.
    if kind == "uuid" {
        return "char(32)".to_owned();
    }
    // MySQL keeps no display width since 8.0.19, but for `tinyint(1)` and with ZEROFILL.
    let Some((name, rest)) = kind.split_once('(') else { return kind.to_owned() };
    let has_width = ["tinyint", "smallint", "mediumint", "int", "bigint", "year"].contains(&name);
    if !has_width || kind == "tinyint(1)" || kind.ends_with("zerofill") {
        return kind.to_owned();
    }
    format!("{name}{}", rest.split_once(')').map_or("", |(_, after)| after))
}

/// A default in words that do not depend on who prints it.
pub(crate) fn default(kind: &str, written: Option<&str>, extra: &str) -> String {
    // MariaDB prints `NULL` where there is none.
    let written = written.unwrap_or("NULL").trim();
    if written.eq_ignore_ascii_case("null") {
        return String::new();
    }
    let mut said = match written.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'").replace("\\'", "'"),
        None => written.to_lowercase(),
    };
    let is_moment = kind.starts_with("datetime") || kind.starts_with("timestamp");
    if is_moment {
        said = said.replace("now(", "current_timestamp(").replace("()", "");
        // The hour goes without saying.
        said = said.strip_suffix(" 00:00:00").map(str::to_owned).unwrap_or(said);
    }
    match said.as_str() {
        "true" => said = "1".into(),
        "false" => said = "0".into(),
        _ => {}
    }
    // `DECIMAL` prints as many digits as it keeps.
    let is_number = ["decimal", "double", "float", "int", "tinyint", "smallint", "bigint"]
        .iter()
        .any(|one| kind.starts_with(one));
    if is_number && let Ok(number) = said.parse::<f64>() {
        said = number.to_string();
    }
    let update = extra.split_once("on update ").map(|(_, rest)| rest.replace("()", ""));
    update.map_or(said.clone(), |update| format!("{said} on update {update}"))
}

/// An expression without what MariaDB writes into it or leaves out.
pub(crate) fn plain(expression: &str) -> String {
    let dropped = ['`', ' ', '(', ')', '\n'];
    // MariaDB prints `length` as what it is.
    let text = expression.to_lowercase().replace("!=", "<>").replace("octet_length", "length");
    text.replace(dropped, "")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[expect(clippy::ref_option, reason = "fields of a row are borrowed as they are")]
fn text(field: &Option<String>) -> &str {
    field.as_deref().unwrap_or_default()
}
