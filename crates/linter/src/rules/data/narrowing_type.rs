//! `narrowing-type`

use diagnostics::Level;
use locks::Act;
use sql::{Dialect, SqlType};

use crate::deeds::{Done, blocking};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A column takes a type with less room than it had: a shorter `VARCHAR`, `BIGINT` to `INTEGER`, `TEXT` to
    /// `VARCHAR(n)`, fewer digits, a timestamp to a date.
    ///
    /// ## Why it matters
    /// The database refuses where a row does not fit: `value too long for type character varying(50)`. With a cast in
    /// `postgresql_using` it cuts the value in silence instead, as it does from a timestamp to a date.
    ///
    /// ## What to do
    /// Look at the rows before, in the same revision, and mend those that do not fit; or leave the type.
    ///
    /// ## When it stays silent
    /// Where the old type is known neither from the chain nor from `existing_type`, on a table that the revision
    /// itself makes or empties, on other databases than PostgreSQL, and in `downgrade()`.
    pub(crate) static NARROWING_TYPE = Rule {
        name: "narrowing-type",
        group: Group::Data,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "a type that has no room for what the old one held",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    report.extend(blocking(view, &[Act::AlterTypeRewrite]).filter_map(|done| finding(&done)));
}

fn finding(done: &Done<'_>) -> Option<Finding> {
    let effect = done.effect();
    let column = effect.part.as_ref()?;
    let (old, new) = effect.types.as_ref()?;
    if !is_narrower(old, new) || done.is_emptied() || done.is_dropped_later() {
        return None;
    }
    // A column that the revision itself adds holds what the revision puts there.
    let before = done.before();
    let known = before.table(&effect.table).and_then(|table| table.column(column));
    let is_added = done.earlier().any(|one| {
        one.effect().act == Act::AddColumn && one.effect().part.as_ref() == Some(column)
    });
    if is_added && known.is_some_and(|column| done.is_own(column.made)) {
        return None;
    }
    let [old, new] = [old, new].map(|one| one.printed(Dialect::PostgreSql));
    let message =
        format!("`{column}` of `{}` was `{old}`: not every value fits into `{new}`", done.table());
    Some(done.finding(message).help("mend the rows that do not fit before, or leave the type"))
}

fn is_narrower(old: &SqlType, new: &SqlType) -> bool {
    let [(old, first), (new, second)] = [old, new].map(parts);
    let size = |kind: &str| ["smallint", "integer", "bigint"].iter().position(|one| *one == kind);
    if let (Some(before), Some(after)) = (size(&old), size(&new)) {
        return after < before;
    }
    let is_text = |kind: &str| kind == "text" || kind == "character varying";
    if is_text(&old) && is_text(&new) {
        return match (first.first(), second.first()) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(before), Some(after)) => after < before,
        };
    }
    if old == "numeric" && new == "numeric" {
        let whole = |one: &[i64]| one.first().map(|all| all - one.get(1).copied().unwrap_or(0));
        let scale = |one: &[i64]| one.get(1).copied().unwrap_or(0);
        return match (whole(&first), whole(&second)) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(before), Some(after)) => after < before || scale(&second) < scale(&first),
        };
    }
    let is_number = |kind: &str| ["numeric", "real", "double precision"].contains(&kind);
    (is_number(&old) && size(&new).is_some())
        || (old.starts_with("timestamp") && (new == "date" || new.starts_with("time ")))
        || (old == "double precision" && new == "real")
}

/// A type as the catalogue prints it, apart from its numbers.
fn parts(sql_type: &SqlType) -> (String, Vec<i64>) {
    let printed = sql_type.printed(Dialect::PostgreSql);
    match (printed.find('('), printed.find(')')) {
        (Some(open), Some(close)) if open < close => {
            let numbers = printed[open + 1..close].split(',');
            let numbers = numbers.filter_map(|one| one.trim().parse().ok()).collect();
            (format!("{}{}", &printed[..open], &printed[close + 1..]), numbers)
        }
        _ => (printed, Vec::new()),
    }
}
