//! `mysql-copy-alter`

use diagnostics::Level;
use locks::Act;
use sql::{Dialect, SqlType, TypeName};

use crate::deeds::{Done, deeds};
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A change that MySQL can only make by copying the table, on a table that others may be writing to.
    ///
    /// ## Why it matters
    /// Another type, a foreign key (unless `foreign_key_checks` is off) and a stored generated column are
    /// `ALGORITHM=COPY`: reads go on, and writes wait until every row has been copied. MariaDB also copies the table to
    /// check its rows.
    ///
    /// ## What to do
    /// Run it with a tool that copies the table while it is used, or while nobody needs it. For a foreign key,
    /// `op.execute("SET foreign_key_checks = 0")` before it, where the rows are known to be right.
    ///
    /// ## When it stays silent
    /// Where a `VARCHAR` only grows on the same side of 255 bytes, or at all where `dialects` says `mariadb` alone; where
    /// values are appended to an `ENUM`, where the old type is not known, on a table that the revision itself makes, and
    /// where the chain runs on other databases. About a check, where `dialects` says anything else than `mariadb`.
    pub(crate) static MYSQL_COPY_ALTER = Rule {
        name: "mysql-copy-alter",
        group: Group::Mysql,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "MySQL copies the table while writes to it wait",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    if view.dialect != Dialect::MySql {
        return;
    }
    // What the two do otherwise is only said where it is sure which it is.
    let is_mariadb = view.context.settings.dialects == ["mariadb"];
    let done = deeds(view).filter(|done| !done.is_new());
    report.extend(done.filter_map(|done| finding(&done, is_mariadb)));
}

fn finding(done: &Done<'_>, is_mariadb: bool) -> Option<Finding> {
    if done.is_emptied() || done.is_dropped_later() {
        return None;
    }
    let why = match done.effect().act {
        Act::AddForeignKey if !done.text().contains("foreign_key_checks") => {
            "a foreign key is added".to_owned()
        }
        Act::AddCheck | Act::AddColumnCheck if is_mariadb => "a check is added".to_owned(),
        Act::AddColumnStored => "a generated column is stored".to_owned(),
        Act::AlterTypeRewrite
        | Act::AlterTypeFree
        | Act::AlterTypeIndexes
        | Act::AlterTypeChecked => {
            let column = done.effect().part.as_ref()?;
            let (old, new) = done.effect().types.as_ref()?;
            if !is_copied(old, new, is_mariadb) {
                return None;
            }
            let [old, new] = [old, new].map(|one| one.printed(Dialect::MySql));
            format!("`{column}` turns from `{old}` into `{new}`")
        }
        _ => return None,
    };
    let message = format!("writes to `{}` wait while it is copied, because {why}", done.table());
    let help = "let a tool copy it that works while the table is used, or choose a quiet hour";
    Some(done.finding(message).help(help))
}

/// Whether another type needs a copy of the table.
fn is_copied(old: &SqlType, new: &SqlType, is_mariadb: bool) -> bool {
    // A display width, another name or another collation is no other type.
    if old.printed(Dialect::MySql) == new.printed(Dialect::MySql) {
        return false;
    }
    let (TypeName::BuiltIn(before), TypeName::BuiltIn(after)) = (&old.name, &new.name) else {
        return false;
    };
    // Another character set or collation may come from the table.
    if before.contains("CHARACTER SET") || after.contains("CHARACTER SET") {
        return false;
    }
    let is = |word: &str| before == word && after == word;
    if is("ENUM") || is("SET") {
        return !new.arguments.starts_with(&old.arguments);
    }
    if is("VARCHAR") {
        let length = |one: &SqlType| one.arguments.first()?.parse::<u32>().ok();
        let (Some(from), Some(to)) = (length(old), length(new)) else { return false };
        // A character takes one to four bytes: only what is sure on both ends counts. MariaDB makes
        // room within the row where fewer than 128 were enough.
        return to < from || (from <= 63 && to > 255 && !is_mariadb);
    }
    is_plain(before) && is_plain(after)
}

fn is_plain(name: &str) -> bool {
    const PLAIN: [&str; 12] = [
        "INTEGER", "BIGINT", "SMALLINT", "VARCHAR", "TEXT", "DATE", "DATETIME", "FLOAT", "DOUBLE",
        "NUMERIC", "JSON", "LONGTEXT",
    ];
    PLAIN.contains(&name.strip_suffix(" UNSIGNED").unwrap_or(name))
}
