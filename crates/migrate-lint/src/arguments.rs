//! The command line: each option defined once, its help text with it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use linter::Selector;

/// Lint Alembic migration chains without running Python and without a database.
#[derive(Debug, Parser)]
#[command(
    name = "migrate-lint",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Exit status: 0 nothing wrong, 1 diagnostics at warning or above, 2 could not do the job."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) check: CheckArguments,
    #[command(flatten)]
    pub(crate) common: CommonArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the chains below the given paths; the default command
    Check(Box<CheckArguments>),
    /// List all rules
    Rules(RulesArguments),
    /// Explain a rule: what it finds, why it matters, what to do
    Explain {
        /// Name of the rule
        rule: String,
    },
    /// Draw the chains, newest revision first
    Graph(GraphArguments),
    /// Show the schema that the revisions make, without a database
    Schema(SchemaArguments),
    /// Say what is different about the schema between two revisions
    Diff(DiffArguments),
    /// Write the SQL that `alembic upgrade --sql` would print
    Sql(SqlArguments),
    /// Put the revisions that are new on this branch onto the head of the base
    Rebase(RepairArguments),
    /// Write a revision that merges the heads
    Merge(RepairArguments),
    /// Write an empty revision that starts from the right head
    New(NewArguments),
}

#[derive(Debug, Args)]
pub(crate) struct CommonArguments {
    /// Colour the output
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, global = true)]
    pub(crate) color: Color,
    /// Use this configuration file, whatever lies nearer to a chain
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct CheckArguments {
    /// Folders, Alembic configurations or revision files [default: the working directory]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) scope: ScopeArguments,
    /// Run only these rules or groups; `default` and `all` are groups too
    #[arg(long, value_name = "RULE,…", value_delimiter = ',', value_parser = selector, help_heading = "Rules")]
    pub(crate) select: Option<Vec<Selector>>,
    /// Do not run these rules or groups
    #[arg(long, value_name = "RULE,…", value_delimiter = ',', value_parser = selector, help_heading = "Rules")]
    pub(crate) ignore: Vec<Selector>,
    /// Mend what can be mended safely, then report what is left
    #[arg(long, help_heading = "Fixes")]
    pub(crate) fix: bool,
    /// With --fix, --fix-only or --diff: also make fixes that need a look afterwards
    #[arg(long, help_heading = "Fixes")]
    pub(crate) unsafe_fixes: bool,
    /// Show what --fix would change and write nothing; exit 1 if there is something
    #[arg(long, conflicts_with_all = ["fix", "fix_only"], help_heading = "Fixes")]
    pub(crate) diff: bool,
    /// Mend what can be mended safely, and report nothing
    #[arg(long, help_heading = "Fixes")]
    pub(crate) fix_only: bool,
    #[command(flatten)]
    pub(crate) adoption: AdoptionArguments,
    /// How diagnostics are written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t, help_heading = "Output")]
    pub(crate) output_format: OutputFormat,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output_file: Option<PathBuf>,
    /// Count diagnostics by rule instead of listing them
    #[arg(long, help_heading = "Output")]
    pub(crate) statistics: bool,
    /// Exit 0 even with diagnostics
    #[arg(long, help_heading = "Output")]
    pub(crate) exit_zero: bool,
    /// Leave out the closing line
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Say how long it took
    #[arg(long, help_heading = "Output")]
    pub(crate) timing: bool,
}

/// What is new, and what is merged.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "New and merged")]
pub(crate) struct ScopeArguments {
    /// The branch that this one is to be merged into: look at what would stand then; `auto` takes
    /// it from the variables of GitHub and GitLab, else from git
    #[arg(long, value_name = "REF")]
    pub(crate) base: Option<String>,
    /// Judge the revisions that do not come before this one; with several chains, once for each
    #[arg(long, value_name = "REVISION", group = "which")]
    pub(crate) since: Vec<String>,
    /// Judge the revisions that the next commit adds or changes
    #[arg(long, group = "which")]
    pub(crate) staged: bool,
    /// Judge every revision, also those that are merged
    #[arg(long, group = "which")]
    pub(crate) all: bool,
    /// Judge the revisions in the files of this list; `-` is standard input
    #[arg(long, value_name = "FILE", group = "which")]
    pub(crate) files_from: Option<PathBuf>,
}

/// Starting on a project that has diagnostics.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Old diagnostics")]
pub(crate) struct AdoptionArguments {
    /// Say nothing of the diagnostics that this file accepts
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write what is found into the file of --baseline, and take out what is not found any more
    #[arg(long, conflicts_with_all = ["fix", "fix_only", "diff"])]
    pub(crate) update_baseline: bool,
    /// Silence what is found by comments in the files, with this reason
    #[arg(long, value_name = "REASON", num_args = 0..=1, require_equals = true, default_missing_value = "", conflicts_with_all = ["fix", "fix_only", "diff", "update_baseline"])]
    pub(crate) add_ignore: Option<String>,
    /// Also list what comments and the baseline silence; it does not fail the run
    #[arg(long)]
    pub(crate) show_suppressed: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RulesArguments {
    /// How the list is written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct GraphArguments {
    /// Folders, Alembic configurations or revision files [default: the working directory]
    pub(crate) paths: Vec<PathBuf>,
    /// How the graph is written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: GraphFormat,
    /// Show every revision, also long straight runs
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
#[command(after_help = REVISION_HELP)]
pub(crate) struct SchemaArguments {
    /// Folders, Alembic configurations or revision files [default: the working directory]
    pub(crate) paths: Vec<PathBuf>,
    /// The schema as this revision leaves it [default: all heads together]
    #[arg(long, value_name = "REVISION", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    /// How the schema is written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: SchemaFormat,
    #[command(flatten)]
    pub(crate) replay: ReplayArguments,
}

#[derive(Debug, Args)]
#[command(after_help = REVISION_HELP)]
pub(crate) struct DiffArguments {
    /// The revision before
    #[arg(value_name = "BEFORE", allow_hyphen_values = true)]
    pub(crate) before: String,
    /// The revision after
    #[arg(value_name = "AFTER", allow_hyphen_values = true)]
    pub(crate) after: String,
    /// Folders, Alembic configurations or revision files [default: the working directory]
    pub(crate) paths: Vec<PathBuf>,
    /// How the differences are written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) replay: ReplayArguments,
}

#[derive(Debug, Args)]
#[command(after_help = REVISION_HELP)]
pub(crate) struct SqlArguments {
    /// From which revision to which; a revision alone is where to, from the beginning
    /// [default: base:heads]
    #[arg(value_name = "FROM:TO", allow_hyphen_values = true)]
    pub(crate) range: Option<String>,
    /// Folders, Alembic configurations or revision files [default: the working directory]
    pub(crate) paths: Vec<PathBuf>,
    /// The way back, as `alembic downgrade FROM:TO --sql` [default: heads:base]
    #[arg(long)]
    pub(crate) downgrade: bool,
    #[command(flatten)]
    pub(crate) replay: ReplayArguments,
}

#[derive(Debug, Args)]
pub(crate) struct RepairArguments {
    /// Folders, Alembic configurations or revision files [default: the working directory]
    pub(crate) paths: Vec<PathBuf>,
    /// The branch that this one is to be merged into [default: that of the configuration; for
    /// `rebase` else the other side of a merge or rebase, or the remote's default branch]
    #[arg(long, value_name = "REF")]
    pub(crate) base: Option<String>,
    /// Show what would change and write nothing; exit 1 if there is something
    #[arg(long)]
    pub(crate) diff: bool,
}

#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// Folders, Alembic configurations or revision files [default: the working directory]
    pub(crate) paths: Vec<PathBuf>,
    /// What the revision is for
    #[arg(long, short, value_name = "TEXT")]
    pub(crate) message: String,
    /// The branch that this one is to be merged into, whose head the revision is to follow
    /// [default: that of the configuration]
    #[arg(long, value_name = "REF")]
    pub(crate) base: Option<String>,
    /// The head to follow, where there are several
    #[arg(long, value_name = "REVISION")]
    pub(crate) head: Option<String>,
    /// Where there are several chains: the one of this name, as `migrate-lint graph` shows it
    #[arg(long, value_name = "NAME")]
    pub(crate) chain: Option<String>,
}

/// What the commands that replay a chain have in common.
#[derive(Debug, Args)]
pub(crate) struct ReplayArguments {
    /// The database [default: the one of the configuration, `sqlalchemy.url` or the imports]
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) dialect: Option<DialectName>,
    /// Where there are several chains: the one of this name, as `migrate-lint graph` shows it
    #[arg(long, value_name = "NAME")]
    pub(crate) chain: Option<String>,
    /// Where a chain is run on several databases, as Alembic's `multidb` template has it: the one of
    /// this name
    #[arg(long, value_name = "NAME")]
    pub(crate) engine: Option<String>,
}

const REVISION_HELP: &str = "A revision is named as on Alembic's command line: by its id or the start of it, a branch \
label, `head`, `heads`, `base`, `label@head`, or relatively: `-1` from the head, `+2` from the base, `id-1`.";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DialectName {
    /// PostgreSQL
    Postgresql,
    /// `MySQL` and `MariaDB`
    #[value(alias = "mariadb")]
    Mysql,
    /// SQLite
    Sqlite,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaFormat {
    /// The statements that make it
    #[default]
    Sql,
    /// For programs
    Json,
    /// A Mermaid entity-relationship diagram
    Mermaid,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// If standard output is a terminal, unless `NO_COLOR` or `CLICOLOR_FORCE` says otherwise
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// With the lines they speak of, and what to do
    #[default]
    Full,
    /// One line each
    Concise,
    /// For programs
    Json,
    /// Annotations of GitHub Actions
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// Lanes, as in `git log --graph`
    #[default]
    Text,
    /// For programs
    Json,
    /// A Mermaid flowchart
    Mermaid,
    /// Graphviz
    Dot,
}

fn selector(name: &str) -> Result<Selector, String> {
    Selector::parse(name.trim()).map_err(|unknown| unknown.to_string())
}
