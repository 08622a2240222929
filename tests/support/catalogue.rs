//! What is in a PostgreSQL database, in lines that a replayed schema is compared by.

use std::collections::BTreeMap;

use super::postgres::{Rows, Session};

/// The catalogue: facts by exact name, and expressions apart from them.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    /// Lines, sorted.
    pub facts: Vec<String>,
    /// Defaults, checks and predicates by what they belong to.
    pub expressions: BTreeMap<String, String>,
}

/// Namespaces that are the user's.
const OURS: &str = "n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'";

impl Catalogue {
    /// Reads the database of a session.
    pub(crate) fn read(session: &mut Session) -> Self {
        let mut catalogue = Self::default();
        catalogue.columns(session);
        catalogue.constraints(session);
        catalogue.indexes(session);
        catalogue.others(session);
        catalogue.facts.sort();
        catalogue
    }

    fn columns(&mut self, session: &mut Session) {
        let rows = ask(
            session,
            &format!(
                "select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                    a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
                    col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class')
                 from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
                    and not a.attisdropped
                 left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
                 where c.relkind in ('r', 'p') and {OURS} order by c.oid, a.attnum"
            ),
        );
        for row in rows {
            let table = qualified(&row[0], &row[1]);
            self.facts.push(format!("table {table} comment {:?}", row[9]));
            let Some(name) = &row[2] else {
                continue;
            };
            let kind = format!("identity {} generated {}", text(&row[6]), text(&row[7]));
            self.facts.push(format!(
                "column {table}.{name} {} null {} {kind} comment {:?} default {}",
                text(&row[3]),
                text(&row[4]) == "f",
                row[8],
                row[5].is_some()
            ));
            if let Some(default) = &row[5] {
                self.expressions.insert(format!("default {table}.{name}"), default.clone());
            }
        }
        self.facts.dedup();
    }

    fn constraints(&mut self, session: &mut Session) {
        let rows = ask(
            session,
            &format!(
                "select n.nspname, c.relname, k.conname, k.contype, k.condeferrable,
                    k.condeferred, k.convalidated,
                    (select string_agg(a.attname, ',' order by u.o) from unnest(k.conkey)
                        with ordinality u(n, o) join pg_attribute a on a.attrelid = k.conrelid
                        and a.attnum = u.n),
                    (select rn.nspname || '|' || r.relname from pg_class r join pg_namespace rn
                        on rn.oid = r.relnamespace where r.oid = k.confrelid),
                    (select string_agg(a.attname, ',' order by u.o) from unnest(k.confkey)
                        with ordinality u(n, o) join pg_attribute a on a.attrelid = k.confrelid
                        and a.attnum = u.n),
                    k.confupdtype, k.confdeltype, pg_get_expr(k.conbin, k.conrelid)
                 from pg_constraint k join pg_class c on c.oid = k.conrelid
                 join pg_namespace n on n.oid = c.relnamespace where {OURS}"
            ),
        );
        for row in rows {
            let table = qualified(&row[0], &row[1]);
            let name = text(&row[2]);
            let kind = text(&row[3]);
            let deferrable = format!("{}{}", text(&row[4]), text(&row[5]));
            let mut line =
                format!("constraint {table} {name} {kind} {deferrable} {}", text(&row[6]));
            if kind != "c" && kind != "x" {
                line.push_str(&format!(" ({})", text(&row[7])));
            }
            if let Some(referred) = &row[8] {
                let (schema, referred) = referred.split_once('|').unwrap_or_default();
                let referred = qualified(&Some(schema.to_owned()), &Some(referred.to_owned()));
                let actions = format!("{}{}", text(&row[10]), text(&row[11]));
                line.push_str(&format!(" -> {referred} ({}) {actions}", text(&row[9])));
            }
            self.facts.push(line);
            if let Some(expression) = &row[12] {
                self.expressions.insert(format!("check {table} {name}"), expression.clone());
            }
        }
    }

    fn indexes(&mut self, session: &mut Session) {
        let rows = ask(
            session,
            &format!(
                "select n.nspname, c.relname, i.relname, x.indisunique, m.amname,
                    (select string_agg(coalesce(a.attname::text, '(' ||
                        pg_get_indexdef(x.indexrelid, o::int, true) || ')'), ',' order by o)
                        from unnest(x.indkey) with ordinality u(k, o)
                        left join pg_attribute a on a.attrelid = c.oid and a.attnum = u.k
                            and u.k <> 0
                        where o <= x.indnkeyatts),
                    (select string_agg(a.attname, ',' order by o)
                        from unnest(x.indkey) with ordinality u(k, o)
                        left join pg_attribute a on a.attrelid = c.oid and a.attnum = u.k
                        where o > x.indnkeyatts),
                    pg_get_expr(x.indpred, x.indrelid),
                    x.indnullsnotdistinct
                 from pg_index x join pg_class i on i.oid = x.indexrelid
                 join pg_class c on c.oid = x.indrelid join pg_namespace n on n.oid = c.relnamespace
                 join pg_am m on m.oid = i.relam
                 where c.relkind in ('r', 'p') and {OURS} and not exists (
                    select from pg_constraint k where k.conindid = i.oid and k.contype in ('p','u','x'))"
            ),
        );
        for row in rows {
            let table = qualified(&row[0], &row[1]);
            let name = text(&row[2]);
            self.facts.push(format!(
                "index {table} {name} unique {} using {} ({}) include ({}) where {} {}",
                text(&row[3]),
                text(&row[4]),
                plain_parts(text(&row[5])),
                text(&row[6]),
                row[7].is_some(),
                text(&row[8])
            ));
            if let Some(predicate) = &row[7] {
                self.expressions.insert(format!("index {name}"), predicate.clone());
            }
        }
    }

    fn others(&mut self, session: &mut Session) {
        let rows = ask(
            session,
            &format!(
                "select n.nspname, t.typname,
                    string_agg(quote_literal(e.enumlabel), ',' order by e.enumsortorder)
                 from pg_type t join pg_namespace n on n.oid = t.typnamespace
                 left join pg_enum e on e.enumtypid = t.oid
                 where t.typtype = 'e' and {OURS} group by 1, 2"
            ),
        );
        for row in rows {
            self.facts.push(format!("enum {} {}", qualified(&row[0], &row[1]), text(&row[2])));
        }
        let rows = ask(
            session,
            &format!(
                "select n.nspname, c.relname, c.relkind,
                    (select t.relname || '.' || a.attname from pg_depend d
                        join pg_class t on t.oid = d.refobjid
                        join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
                        where d.objid = c.oid and d.classid = 'pg_class'::regclass
                        and d.refclassid = 'pg_class'::regclass
                        and d.deptype in ('a', 'i') and c.relkind = 'S')
                 from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where c.relkind in ('S', 'v', 'm') and {OURS}"
            ),
        );
        for row in rows {
            let name = qualified(&row[0], &row[1]);
            match text(&row[2]) {
                "S" => self.facts.push(format!("sequence {name} of {}", text(&row[3]))),
                "v" => self.facts.push(format!("view {name} false")),
                _ => self.facts.push(format!("view {name} true")),
            }
        }
        let rows = ask(session, &format!("select nspname from pg_namespace n where {OURS}"));
        for row in rows {
            if text(&row[0]) != "public" {
                self.facts.push(format!("schema {}", text(&row[0])));
            }
        }
    }
}

/// Expressions stand as `()`: what they say is compared elsewhere.
pub(crate) fn plain_parts(parts: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0_usize;
    for letter in parts.chars() {
        match letter {
            '(' => {
                if depth == 0 {
                    plain.push('(');
                }
                depth += 1;
            }
            ')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    plain.push(')');
                }
            }
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    plain
}

fn ask(session: &mut Session, query: &str) -> Rows {
    session.run(query).unwrap_or_else(|error| panic!("{}: {query}", error.message))
}

#[expect(clippy::ref_option, reason = "fields of a row are borrowed as they are")]
fn text(field: &Option<String>) -> &str {
    field.as_deref().unwrap_or_default()
}

#[expect(clippy::ref_option, reason = "fields of a row are borrowed as they are")]
fn qualified(schema: &Option<String>, name: &Option<String>) -> String {
    match text(schema) {
        "public" => text(name).to_owned(),
        schema => format!("{schema}.{}", text(name)),
    }
}
