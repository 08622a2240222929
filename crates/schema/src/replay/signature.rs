//! The signatures of Alembic's operations (1.20), and how arguments are bound to them.

use std::sync::Arc;

use diagnostics::Place;

use super::operation::{Batch, InvalidOperation, Operation, Outcome, Problem};
use super::value::{Argument, Given, Value};
use crate::Kind;

/// The parameters of an operation.
struct Signature {
    /// By position or keyword.
    positional: &'static [&'static str],
    /// How many of them have no default.
    required: usize,
    /// Takes the positional arguments that are left (`*columns`).
    has_rest: bool,
    /// By keyword only.
    keyword_only: &'static [&'static str],
    /// What becomes of other keywords.
    extra: Extra,
}

/// What becomes of keywords that are no parameters.
#[derive(Clone, Copy)]
enum Extra {
    /// Python refuses them.
    Refused,
    /// They have no effect, besides these.
    Ignored(&'static [&'static str]),
    /// They go to a constructor of SQLAlchemy, which takes these and those of a dialect.
    Dialect(&'static [&'static str], Item),
}

/// What of SQLAlchemy takes the keywords of a dialect.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Table,
    Index,
    Unique,
    Check,
    ForeignKey,
    Exclude,
}

const ALTER_COLUMN: &[&str] = &[
    "nullable",
    "comment",
    "server_default",
    "new_column_name",
    "type_",
    "existing_type",
    "existing_server_default",
    "existing_nullable",
    "existing_comment",
    "schema",
];
const ALTER_COLUMN_EXTRA: &[&str] = &[
    "autoincrement",
    "existing_autoincrement",
    "postgresql_using",
    "mssql_drop_default",
    "mssql_drop_check",
    "mssql_drop_foreign_key",
    "insert_before",
    "insert_after",
];
const ADD_COLUMN: &[&str] = &["schema", "if_not_exists", "inline_references", "inline_primary_key"];
const TABLE_EXTRA: &[&str] = &[
    "schema",
    "comment",
    "prefixes",
    "info",
    "keep_existing",
    "extend_existing",
    "quote",
    "quote_schema",
    "autoload_with",
    "autoload_replace",
    "resolve_fks",
    "include_columns",
    "implicit_returning",
    "listeners",
    "sqlite_autoincrement",
];
const CONSTRAINT_EXTRA: &[&str] = &["deferrable", "initially", "info", "comment"];

/// Keywords that are written for another one.
const MEANT: &[(&str, &str)] = &[
    ("type", "type_"),
    ("type_", "type_"),
    ("constraint_type", "type_"),
    ("name", "constraint_name"),
    ("new_name", "new_column_name"),
    ("column_new_name", "new_column_name"),
    ("default", "server_default"),
    ("existing_default", "existing_server_default"),
    ("existing_type_", "existing_type"),
    ("nullable_", "nullable"),
    ("on_delete", "ondelete"),
    ("on_update", "onupdate"),
    ("if_exist", "if_exists"),
    ("if_not_exist", "if_not_exists"),
    ("using", "postgresql_using"),
    ("where", "postgresql_where"),
    ("concurrently", "postgresql_concurrently"),
    ("ops", "postgresql_ops"),
    ("include", "postgresql_include"),
    ("is_unique", "unique"),
];

impl Signature {
    const fn new(
        positional: &'static [&'static str],
        keyword_only: &'static [&'static str],
    ) -> Self {
        let required = positional.len();
        Self { positional, required, has_rest: false, keyword_only, extra: Extra::Refused }
    }

    const fn required(mut self, required: usize) -> Self {
        self.required = required;
        self
    }

    const fn rest(mut self) -> Self {
        self.has_rest = true;
        self
    }

    const fn extra(mut self, extra: Extra) -> Self {
        self.extra = extra;
        self
    }

    /// That of `op.…` (`is_batch`: of a batch block).
    fn of(kind: &Kind, is_batch: bool) -> Option<Self> {
        if is_batch { Self::of_batch(kind) } else { Self::of_op(kind) }
    }

    fn of_op(kind: &Kind) -> Option<Self> {
        let named = kind.positional();
        Some(match kind {
            Kind::AddColumn => Self::new(named, ADD_COLUMN),
            Kind::DropColumn => Self::new(named, &["schema"]).extra(Extra::Ignored(&[
                "if_exists",
                "mssql_drop_check",
                "mssql_drop_default",
                "mssql_drop_foreign_key",
            ])),
            Kind::AlterColumn => {
                Self::new(named, ALTER_COLUMN).extra(Extra::Ignored(ALTER_COLUMN_EXTRA))
            }
            Kind::CreateTable => Self::new(named, &["if_not_exists"])
                .rest()
                .extra(Extra::Dialect(TABLE_EXTRA, Item::Table)),
            Kind::DropTable => Self::new(named, &["schema", "if_exists"])
                .extra(Extra::Dialect(TABLE_EXTRA, Item::Table)),
            Kind::RenameTable | Kind::CreatePrimaryKey => Self::new(named, &["schema"]),
            Kind::CreateIndex => Self::new(named, &["schema", "unique", "if_not_exists"])
                .extra(Extra::Dialect(&["quote", "info"], Item::Index)),
            Kind::DropIndex => Self::new(named, &["schema", "if_exists"])
                .required(1)
                .extra(Extra::Dialect(&["quote", "info", "unique"], Item::Index)),
            Kind::CreateUniqueConstraint => {
                Self::new(named, &["schema"]).extra(Extra::Dialect(CONSTRAINT_EXTRA, Item::Unique))
            }
            Kind::CreateForeignKey => Self::new(
                named,
                &[
                    "onupdate",
                    "ondelete",
                    "deferrable",
                    "initially",
                    "match",
                    "source_schema",
                    "referent_schema",
                ],
            )
            .extra(Extra::Dialect(
                &["use_alter", "info", "comment", "link_to_name"],
                Item::ForeignKey,
            )),
            Kind::CreateCheckConstraint => {
                Self::new(named, &["schema"]).extra(Extra::Dialect(CONSTRAINT_EXTRA, Item::Check))
            }
            Kind::CreateExcludeConstraint => Self::new(named, &[]).rest().extra(Extra::Dialect(
                &["where", "schema", "using", "deferrable", "initially", "ops"],
                Item::Exclude,
            )),
            Kind::DropConstraint => Self::new(named, &["schema", "if_exists"]).required(2),
            Kind::CreateTableComment | Kind::DropTableComment => {
                Self::new(named, &["existing_comment", "schema"])
            }
            Kind::BulkInsert => Self::new(named, &["multiinsert"]),
            Kind::Execute => Self::new(named, &["execution_options"]),
            Kind::Invoke => Self::new(named, &[]),
            _ => return None,
        })
    }

    fn of_batch(kind: &Kind) -> Option<Self> {
        Some(match kind {
            Kind::AddColumn => Self::new(
                &["column"],
                &[
                    "insert_before",
                    "insert_after",
                    "if_not_exists",
                    "inline_references",
                    "inline_primary_key",
                ],
            ),
            Kind::DropColumn => {
                Self::new(&["column_name"], &[]).extra(Extra::Ignored(&["if_exists"]))
            }
            Kind::AlterColumn => {
                Self::new(&["column_name"], ALTER_COLUMN).extra(Extra::Ignored(ALTER_COLUMN_EXTRA))
            }
            Kind::CreateIndex => {
                Self::new(&["index_name", "columns"], &["unique", "if_not_exists"])
                    .extra(Extra::Dialect(&["quote", "info"], Item::Index))
            }
            Kind::DropIndex => Self::new(&["index_name"], &["if_exists"])
                .extra(Extra::Dialect(&["quote", "info", "unique"], Item::Index)),
            Kind::CreatePrimaryKey => Self::new(&["constraint_name", "columns"], &[]),
            Kind::CreateUniqueConstraint => Self::new(&["constraint_name", "columns"], &[])
                .extra(Extra::Dialect(CONSTRAINT_EXTRA, Item::Unique)),
            Kind::CreateForeignKey => Self::new(
                &["constraint_name", "referent_table", "local_cols", "remote_cols"],
                &["referent_schema", "onupdate", "ondelete", "deferrable", "initially", "match"],
            )
            .extra(Extra::Dialect(
                &["use_alter", "info", "comment", "link_to_name"],
                Item::ForeignKey,
            )),
            Kind::CreateCheckConstraint => Self::new(&["constraint_name", "condition"], &[])
                .extra(Extra::Dialect(CONSTRAINT_EXTRA, Item::Check)),
            Kind::CreateExcludeConstraint => {
                Self::new(&["constraint_name"], &[]).rest().extra(Extra::Dialect(
                    &["where", "using", "deferrable", "initially", "ops"],
                    Item::Exclude,
                ))
            }
            Kind::DropConstraint => Self::new(&["constraint_name", "type_"], &[]).required(1),
            Kind::CreateTableComment => Self::new(&["comment"], &["existing_comment"]),
            Kind::DropTableComment => Self::new(&[], &["existing_comment"]),
            Kind::Execute => Self::new(&["sqltext"], &["execution_options"]),
            Kind::Invoke => Self::new(&["operation"], &[]),
            _ => return None,
        })
    }
}

/// Binds what was given to the parameters of `kind`.
pub(crate) fn bind(
    kind: Kind,
    given: Given,
    batch: Option<Arc<Batch>>,
    place: Place,
    entry: Place,
) -> Operation {
    let mut operation = Operation {
        kind,
        place,
        entry,
        batch,
        arguments: Vec::new(),
        rest: Vec::new(),
        extra: Vec::new(),
        open: given.open.clone(),
        faults: Vec::new(),
    };
    let Some(signature) = Signature::of(&operation.kind, operation.batch.is_some()) else {
        operation.rest = given.positional;
        operation.extra = given.keywords;
        return operation;
    };
    bind_positions(&mut operation, &signature, given.positional);
    bind_keywords(&mut operation, &signature, given.keywords);
    find_missing(&mut operation, &signature);
    fill_in_batch(&mut operation);
    super::misuse::check(&mut operation);
    operation
}

fn bind_positions(operation: &mut Operation, signature: &Signature, given: Vec<Argument>) {
    let count = given.len();
    for (index, argument) in given.into_iter().enumerate() {
        match signature.positional.get(index) {
            Some(name) => operation.arguments.push(((*name).into(), argument)),
            None if signature.has_rest => operation.rest.push(argument),
            None => {
                let most = signature.positional.len();
                let instead = signature.keyword_only.first().copied().filter(|_| count == most + 1);
                operation.faults.push(InvalidOperation {
                    place: argument.place,
                    problem: Problem::TooManyArguments { most, instead },
                    outcome: Outcome::Raises("TypeError"),
                });
                return;
            }
        }
    }
}

fn bind_keywords(
    operation: &mut Operation,
    signature: &Signature,
    given: Vec<(Box<str>, Argument)>,
) {
    for (name, argument) in given {
        let known = signature.positional.iter().chain(signature.keyword_only);
        if known.into_iter().any(|each| *each == &*name) {
            if operation.argument(&name).is_some() {
                operation.faults.push(InvalidOperation {
                    place: argument.place,
                    problem: Problem::GivenTwice(name),
                    outcome: Outcome::Raises("TypeError"),
                });
                continue;
            }
            operation.arguments.push((name, argument));
            continue;
        }
        if let Some(outcome) = refusal(signature, &name) {
            let instead = meant(signature, &name);
            let problem = Problem::UnknownKeyword { name: name.clone(), instead };
            operation.faults.push(InvalidOperation { place: argument.place, problem, outcome });
            if outcome != Outcome::Ignored {
                continue;
            }
        }
        operation.extra.push((name, argument));
    }
}

/// What happens to a keyword that is no parameter; `None` where it is taken.
fn refusal(signature: &Signature, name: &str) -> Option<Outcome> {
    match signature.extra {
        Extra::Refused => Some(Outcome::Raises("TypeError")),
        Extra::Ignored(known) => (!known.contains(&name)).then_some(Outcome::Ignored),
        Extra::Dialect(known, _) if known.contains(&name) => None,
        Extra::Dialect(_, item) => dialect_refusal(item, name),
    }
}

/// What SQLAlchemy says to a keyword of a dialect.
pub(super) fn dialect_refusal(item: Item, name: &str) -> Option<Outcome> {
    let Some((dialect, argument)) = name.split_once('_') else {
        return Some(Outcome::Raises("TypeError"));
    };
    let known: &[&str] = match (dialect, item) {
        ("postgresql", Item::Table) => &[
            "tablespace",
            "partition_by",
            "with",
            "with_oids",
            "on_commit",
            "inherits",
            "using",
            "ignore_search_path",
        ],
        ("postgresql", Item::Index) => &[
            "using",
            "include",
            "where",
            "ops",
            "concurrently",
            "with",
            "tablespace",
            "nulls_not_distinct",
        ],
        ("postgresql", Item::Unique) => &["include", "nulls_not_distinct"],
        ("postgresql", Item::Check | Item::ForeignKey) => &["not_valid"],
        ("mysql" | "mariadb", Item::Index) => &["using", "length", "prefix", "with_parser"],
        ("sqlite", Item::Table) => &["autoincrement", "with_rowid", "strict"],
        ("sqlite", Item::Index) => &["where"],
        ("sqlite", Item::Unique | Item::Check) => &["on_conflict"],
        ("mssql", Item::Index) => &["clustered", "include", "where", "columnstore"],
        ("mssql", Item::Unique) => &["clustered"],
        ("oracle", Item::Table) => &["on_commit", "compress", "resolve_synonyms", "tablespace"],
        ("oracle", Item::Index) => &["bitmap", "compress", "vector"],
        // Any argument of MySQL's tables is taken, and a dialect that is not known is only warned of.
        ("mysql" | "mariadb", Item::Table) => return None,
        ("postgresql" | "mysql" | "mariadb" | "sqlite" | "mssql" | "oracle", _) => &[],
        _ => return None,
    };
    (!known.contains(&argument)).then_some(Outcome::Raises("ArgumentError"))
}

fn meant(signature: &Signature, name: &str) -> Option<&'static str> {
    let candidate = MEANT.iter().find(|(wrong, _)| *wrong == name)?.1;
    let has = |names: &[&str]| names.contains(&candidate);
    let is_known = has(signature.positional)
        || has(signature.keyword_only)
        || match signature.extra {
            Extra::Refused => false,
            Extra::Ignored(known) => has(known),
            Extra::Dialect(known, item) => {
                has(known)
                    || candidate.contains('_')
                        && candidate.starts_with("postgresql_")
                        && dialect_refusal(item, candidate).is_none()
            }
        };
    is_known.then_some(candidate)
}

fn find_missing(operation: &mut Operation, signature: &Signature) {
    if operation.open.is_some() {
        return;
    }
    for name in &signature.positional[..signature.required] {
        if operation.argument(name).is_none() {
            operation.faults.push(InvalidOperation {
                place: operation.place,
                problem: Problem::MissingArgument((*name).into()),
                outcome: Outcome::Raises("TypeError"),
            });
        }
    }
}

/// In a batch block the table and its schema are those of the block.
fn fill_in_batch(operation: &mut Operation) {
    let Some(batch) = operation.batch.clone() else { return };
    let (table, schema) = match operation.kind {
        Kind::CreateForeignKey => ("source_table", "source_schema"),
        Kind::Execute | Kind::Invoke => return,
        _ => ("table_name", "schema"),
    };
    let argument = |value: &Value| Argument { value: value.clone(), place: batch.place };
    operation.arguments.push((table.into(), argument(&batch.table)));
    operation.arguments.retain(|(name, _)| &**name != schema);
    operation.arguments.push((schema.into(), argument(&batch.schema)));
}
