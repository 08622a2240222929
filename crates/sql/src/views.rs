//! The tables that a query names.

use python::Name;

use crate::ObjectName;
use crate::cursor::Cursor;

/// Functions in whose parentheses `FROM` names no table.
const WITH_FROM: [&str; 4] = ["EXTRACT", "SUBSTRING", "TRIM", "OVERLAY"];

/// Words that end the list of tables.
const ENDS: [&str; 10] = [
    "SELECT",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "WINDOW",
];

/// The tables and views after `FROM` and `JOIN`, sorted, without the query's own names.
pub(crate) fn tables(mut at: Cursor<'_>) -> Vec<ObjectName> {
    let own = own_names(at.clone());
    let mut tables: Vec<ObjectName> = Vec::new();
    // For each open parenthesis: whether a list of tables stands in it, and whether it is a call
    // that has a `FROM` of its own.
    let mut open = vec![(false, false)];
    let mut before = "";
    while !at.is_at_end() {
        let (is_list, is_call) = *open.last().unwrap_or(&(false, false));
        let is_from = at.is("FROM") && !is_call && !before.eq_ignore_ascii_case("DISTINCT");
        let is_next = is_from || at.is("JOIN") || (is_list && at.is_sign(","));
        let word = at.peek();
        if at.is_sign("(") {
            let is_call = WITH_FROM.iter().any(|name| before.eq_ignore_ascii_case(name));
            open.push((false, is_call));
        } else if at.is_sign(")") {
            open.pop();
        } else if at.is_any(&ENDS) {
            set(&mut open, false);
        }
        at.at += 1;
        before = word;
        if !is_next {
            continue;
        }
        set(&mut open, true);
        let mut ahead = at.clone();
        ahead.eat("LATERAL");
        ahead.eat("ONLY");
        while ahead.eat_sign("(") {}
        if ahead.is_any(&["SELECT", "WITH", "VALUES", "LATERAL", "ROWS"]) {
            continue;
        }
        let Some(name) = ahead.object() else { continue };
        let is_own = name.schema.is_none() && own.contains(&name.name);
        if !ahead.is_sign("(") && !is_own {
            tables.push(name);
        }
    }
    tables.sort();
    tables.dedup();
    tables
}

fn set(open: &mut [(bool, bool)], is_list: bool) {
    if let Some(last) = open.last_mut() {
        last.0 = is_list;
    }
}

/// The names of common table expressions: `name [(columns)] AS [MATERIALIZED] (`.
fn own_names(mut at: Cursor<'_>) -> Vec<Name> {
    let mut own = Vec::new();
    while !at.is_at_end() {
        let mut ahead = at.clone();
        let name = ahead.name();
        if ahead.is_sign("(") {
            ahead.skip();
        }
        if ahead.eat("AS") {
            ahead.eat("NOT");
            ahead.eat("MATERIALIZED");
            if ahead.is_sign("(") {
                own.extend(name);
            }
        }
        at.at += 1;
    }
    own
}
