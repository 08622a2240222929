//! `undefined-name`

use std::collections::BTreeSet;

use diagnostics::{Fix, Level};

use crate::fixes::imports;
use crate::rule::rule;
use crate::syntax::scopes::{Undefined, undefined};
use crate::{Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// A name that the file uses and that nothing in it defines or imports.
    ///
    /// ## Why it matters
    /// Autogenerate renders types by their module, such as `postgresql.UUID()`,
    /// `sqlmodel.sql.sqltypes.AutoString()` or `Text()`, and does not always write the import that
    /// they need. Within a function Python finds out when the function runs: at deploy time, or
    /// for `downgrade()` at the worst moment. At the top level of the file no Alembic command
    /// works any more.
    ///
    /// ## What to do
    /// Import the name. For the names that autogenerate is known to forget, the fix adds the
    /// import below the others. To have it written into every new revision, add it to
    /// `script.py.mako`.
    ///
    /// ## When it stays silent
    /// In files with a star import, `exec`, or writes to `globals()`, which may define anything;
    /// where the `NameError` would be caught; in annotations, which new versions of Python do not
    /// evaluate.
    pub(crate) static UNDEFINED_NAME = Rule {
        name: "undefined-name",
        group: Group::Revision,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "a name that nothing in the file defines or imports",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    if !view.revision.syntax_errors.is_empty() {
        return;
    }
    let found = undefined(&view.revision.module);
    let mut seen = BTreeSet::new();
    for name in &found {
        if !seen.insert(name.name) {
            continue;
        }
        let is_at_load = found.iter().any(|other| other.name == name.name && other.is_at_load);
        let consequence = if is_at_load {
            "no Alembic command can load the file"
        } else {
            "the revision fails when it comes here"
        };
        let place = view.revision.place(name.span);
        let message = format!("`{}` is neither defined nor imported, so {consequence}", name.name);
        let finding = match import_of(name) {
            Some(import) => Finding::at(place, message)
                .help(format!("add `{import}`"))
                .fix(Fix::safe(format!("add `{import}`"), vec![imports::add(view, &import)])),
            None => Finding::at(place, message).help("import it, or define it in this file"),
        };
        report.report(finding);
    }
}

/// The import that a name needs, where it can only be one.
fn import_of(name: &Undefined<'_>) -> Option<String> {
    let import = match name.name {
        "sa" => "import sqlalchemy as sa",
        "op" => "from alembic import op",
        "context" => "from alembic import context",
        "pgvector" => "import pgvector.sqlalchemy",
        "advanced_alchemy" => "import advanced_alchemy.types",
        "Vector" => "from pgvector.sqlalchemy import Vector",
        "datetime" => match name.attribute? {
            "datetime" | "timedelta" | "timezone" | "date" | "UTC" => "import datetime",
            "now" | "utcnow" | "fromtimestamp" | "fromisoformat" | "strptime" | "combine" => {
                "from datetime import datetime"
            }
            _ => return None,
        },
        "timedelta" | "timezone" => return Some(format!("from datetime import {}", name.name)),
        "postgresql" | "mysql" | "sqlite" | "mssql" | "oracle" => {
            return Some(format!("from sqlalchemy.dialects import {}", name.name));
        }
        "JSONB" | "TSVECTOR" | "CITEXT" | "HSTORE" | "INET" | "CIDR" | "TSRANGE" | "TSTZRANGE" => {
            return Some(format!("from sqlalchemy.dialects.postgresql import {}", name.name));
        }
        "Text"
        | "String"
        | "Integer"
        | "BigInteger"
        | "SmallInteger"
        | "Boolean"
        | "DateTime"
        | "Float"
        | "Numeric"
        | "LargeBinary"
        | "Unicode"
        | "UnicodeText"
        | "Column"
        | "ForeignKey"
        | "ForeignKeyConstraint"
        | "PrimaryKeyConstraint"
        | "UniqueConstraint"
        | "MetaData" => return Some(format!("from sqlalchemy import {}", name.name)),
        "sqlalchemy"
        | "alembic"
        | "sqlmodel"
        | "geoalchemy2"
        | "sqlalchemy_utils"
        | "sqlalchemy_json"
        | "fastapi_users_db_sqlalchemy"
        | "alembic_utils"
        | "uuid"
        | "json"
        | "os"
        | "re"
        | "sys"
        | "logging" => return Some(format!("import {}", name.name)),
        _ => return None,
    };
    Some(import.to_owned())
}
