//! The command: arguments, configuration, files, exit status.

mod accepted;
mod against;
mod arguments;
mod check;
mod clock;
mod config;
mod diff;
mod draw;
mod explain;
mod graph;
mod new;
mod repair;
mod replayed;
mod schema;
mod sql;
mod terminal;

pub use terminal::Terminal;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use repair::Way;

/// Exit status: nothing wrong.
const CLEAN: u8 = 0;
/// Exit status: diagnostics at warning or above, or with `--diff` something to change.
const FOUND: u8 = 1;
/// Exit status: the job could not be done, or not all of it.
const FAILED: u8 = 2;

/// What a command has to say, and how it ends.
struct Outcome {
    out: String,
    err: String,
    status: u8,
}

impl Outcome {
    /// Output of a job done.
    fn clean(out: String) -> Self {
        Self { out, err: String::new(), status: CLEAN }
    }

    /// A job that could not be done: what went wrong, and the next thing to do.
    fn failed(message: &str) -> Self {
        Self { out: String::new(), err: format!("error: {message}\n"), status: FAILED }
    }
}

/// The command as the operating system starts it.
pub fn main() -> ExitCode {
    let terminal = Terminal::detect();
    let directory = match std::env::current_dir() {
        Ok(directory) => directory,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: the working directory cannot be read: {error}");
            return ExitCode::from(FAILED);
        }
    };
    let arguments = std::env::args_os();
    let status = run(arguments, &directory, &terminal, &mut io::stdout(), &mut io::stderr());
    ExitCode::from(status)
}

/// Runs the command line `arguments`, the first of which is the name of the program, in
/// `directory`. Gives the exit status.
pub fn run(
    arguments: impl Iterator<Item = OsString>,
    directory: &Path,
    terminal: &Terminal,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let outcome = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => match linter::on_pool(|| execute(&arguments, directory, terminal)) {
            Ok(outcome) => outcome,
            Err(message) => Outcome::failed(&message),
        },
        Err(error) => usage(&error, terminal),
    };
    // Whoever closed the pipe has read what it wanted: no error.
    let written = out.write_all(outcome.out.as_bytes()).and_then(|()| out.flush());
    let failed = match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(err, "error: the output cannot be written: {error}");
            true
        }
        _ => false,
    };
    let _ = err.write_all(outcome.err.as_bytes()).and_then(|()| err.flush());
    if failed { FAILED } else { outcome.status }
}

fn execute(arguments: &Arguments, directory: &Path, terminal: &Terminal) -> Outcome {
    let terminal = terminal.colored(arguments.common.color);
    let config = arguments.common.config.as_deref();
    match &arguments.command {
        None => check::check(&arguments.check, config, directory, &terminal),
        Some(Command::Check(check)) => check::check(check, config, directory, &terminal),
        Some(Command::Rules(rules)) => explain::rules(rules.format, &terminal),
        Some(Command::Explain { rule }) => explain::explain(rule, &terminal),
        Some(Command::Graph(graph)) => draw::draw(graph, directory, &terminal),
        Some(Command::Schema(schema)) => schema::schema(schema, config, directory),
        Some(Command::Diff(diff)) => diff::diff(diff, config, directory, &terminal),
        Some(Command::Sql(sql)) => sql::sql(sql, config, directory),
        Some(Command::Rebase(rebase)) => {
            repair::repair(Way::Rebase, rebase, config, directory, &terminal)
        }
        Some(Command::Merge(merge)) => {
            repair::repair(Way::Merge, merge, config, directory, &terminal)
        }
        Some(Command::New(new)) => new::new(new, config, directory),
    }
}

/// Help and version go to standard output, errors of the command line to standard error.
fn usage(error: &clap::Error, terminal: &Terminal) -> Outcome {
    let rendered = error.render();
    let text = if terminal.has_color { rendered.ansi().to_string() } else { rendered.to_string() };
    if error.use_stderr() {
        Outcome { out: String::new(), err: text, status: FAILED }
    } else {
        Outcome::clean(text)
    }
}
