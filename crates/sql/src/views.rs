//! The tables that a query names.

use std::cell::Cell;

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
pub(crate) fn tables(at: &Cursor<'_>) -> Vec<ObjectName> {
    // A table that is not known leaves the rest as it is.
    let is_unsettled = Cell::new(false);
    let mut at = Cursor { is_unsettled: &is_unsettled, ..at.clone() };
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
        if !ahead.is_sign("(") && !is_own && !at.holes.is_in(&name.name) {
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

/// The names of common table expressions: `name [(columns)] AS [NOT MATERIALIZED] (`.
fn own_names(mut at: Cursor<'_>) -> Vec<Name> {
    let mut own = Vec::new();
    let mut open = Vec::new();
    // The token before the parenthesis that was closed last, and where it was closed.
    let mut closed = (0, 0);
    while !at.is_at_end() {
        let here = at.at;
        if at.is_sign("(") {
            open.push(here);
        } else if at.is_sign(")") {
            closed = (open.pop().unwrap_or(here).saturating_sub(1), here);
        }
        if !at.eat("AS") {
            at.at += 1;
            continue;
        }
        at.eat("NOT");
        at.eat("MATERIALIZED");
        if at.is_sign("(") && here > 0 {
            let before = if closed.1 + 1 == here { closed.0 } else { here - 1 };
            own.extend(Cursor { at: before, ..at.clone() }.name());
        }
    }
    own
}
