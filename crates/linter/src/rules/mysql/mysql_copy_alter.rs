//! `mysql-copy-alter`

use diagnostics::Level;
use locks::Act;
use sql::{Dialect, SqlType, TypeName};

use crate::deeds::online_ddl::{self, Way, way};
use crate::deeds::{Done, deeds};
use crate::faults;
use crate::rule::rule;
use crate::wording::shown;
use crate::{Check, Finding, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A change that MySQL can only make by copying the table, or while writes to it wait, on a table that others
    /// may be using.
    ///
    /// ## Why it matters
    /// Another type, a foreign key (unless `foreign_key_checks` is off), a dropped primary key, another
    /// character set of the whole table and a stored computed column are `ALGORITHM=COPY`: writes wait until every
    /// row has been copied. They also wait while a `FULLTEXT` or `SPATIAL` index is built, and while an
    /// `AUTO_INCREMENT` column is added. `MariaDB` also copies the table to check its rows.
    ///
    /// Before MySQL 8.0.12 (`MariaDB` 10.3.2) a column is not added in an instant, and before 8.0.29 (10.4) none is
    /// dropped so, or added anywhere but at the end: writes go on, but the table is written anew, which takes its time
    /// and its room on the disk, and replicas lag behind meanwhile. That is an `info`. `mysql-version` in the
    /// [configuration](../configuration.md) names the version; else the images of docker-compose and CI do, and else it
    /// is taken to be 8.0. What a version does not say is taken to be the newest: `8.0` is the last 8.0.
    ///
    /// ## What to do
    /// Run it with a tool that copies the table while it is used, or while nobody needs it. For a foreign key,
    /// `op.execute("SET foreign_key_checks = 0")` before it, where the rows are known to be right.
    ///
    /// ## When it stays silent
    /// Where a `VARCHAR` only grows on the same side of 255 bytes, or at all on `MariaDB`; where values are appended to an
    /// `ENUM`, where the old type is not known, on a table that the revision itself makes, and where the chain runs on
    /// other databases. About a check, where the database is not known to be `MariaDB`.
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
    let is_mariadb = view.context.server(Dialect::MySql).is_some_and(|server| server.is_mariadb);
    let done = deeds(view).filter(|done| !done.is_new());
    report.extend(done.filter_map(|done| finding(&done, is_mariadb)));
    report.extend(online_ddl::copied(view).into_iter().map(|one| {
        let revision = view.context.chain.get(one.replayed.revision);
        let message = copied(&shown(one.table), one.why);
        faults::finding(revision, one.step, one.place, message).help(HELP)
    }));
}

const HELP: &str = "let a tool copy it that works while the table is used, or choose a quiet hour";

fn copied(table: &str, why: &str) -> String {
    format!("writes to `{table}` wait while it is copied, because {why}")
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
        _ => return of_way(done),
    };
    Some(done.finding(copied(&done.table(), &why)).help(HELP))
}

/// What is added or dropped.
fn of_way(done: &Done<'_>) -> Option<Finding> {
    let server = done.view().context.server(Dialect::MySql)?;
    let table = done.table();
    match way(done, server)? {
        Way::Copied(why) => Some(done.finding(copied(&table, &why)).help(HELP)),
        Way::Shared(what) => {
            Some(done.finding(format!("writes to `{table}` wait while {what}")).help(HELP))
        }
        Way::Rebuilt(what) => {
            let message = format!(
                "`{table}` is written anew: {} does not {what} in an instant",
                server.shown()
            );
            let help =
                "choose an hour in which replicas may lag behind, or a later version of the server";
            Some(done.finding(message).milder(Level::Info).help(help))
        }
    }
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
