//! How fast the main job is, against the least it could cost: reading the same files and parsing
//! them with `rustpython-parser`, on as many threads, with the same allocator.
//!
//! `cargo bench` prints a table for `docs/performance.md`. Each figure is a whole process, the
//! median of several runs, the two sides taken in turn. Nothing here passes or fails.

use std::convert::Infallible;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use linter::{ChainSettings, Overlay, Settings};
use rayon::prelude::*;
use rustpython_parser::{Mode, parse};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Stack of a reading thread, in bytes, as the command has it.
const STACK: usize = 16 << 20;

/// Given to this program to make it one side of a measurement.
const BASELINE: &str = "--measure-baseline";
const WHOLE: &str = "--measure-whole";

/// The rules that need no replay: finding, reading and linking alone.
const LINKED: [&str; 2] = ["--select=chain,revision,models,suppression", "--ignore=empty-upgrade"];

fn main() {
    let arguments: Vec<String> = env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some(BASELINE) => baseline(Path::new(&arguments[2])),
        Some(WHOLE) => whole(Path::new(&arguments[2]), &arguments[3..]),
        _ => measure(),
    }
}

/// Reads and parses the Python files that `list` names, and does nothing with them.
fn baseline(list: &Path) {
    let list = fs::read_to_string(list).expect("the list of files");
    let files: Vec<PathBuf> = list.lines().map(PathBuf::from).collect();
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).build().expect("threads");
    let parsed: usize = pool.install(|| {
        let one = |path: &PathBuf| {
            let text = fs::read_to_string(path).unwrap_or_default();
            usize::from(parse(&text, Mode::Module, "").is_ok())
        };
        files.par_iter().with_min_len(8).map(one).sum()
    });
    finish(parsed);
}

/// The main job in this process, so that it can say how much memory it took.
fn whole(folder: &Path, options: &[String]) {
    let fixed = ["migrate-lint", "--output-format=concise", "."].map(String::from).into_iter();
    let arguments = fixed.chain(options.iter().cloned()).map(Into::into);
    let mut out = Vec::new();
    let terminal = migrate_lint::Terminal::plain(80);
    migrate_lint::run(arguments, folder, &terminal, &mut out, &mut Vec::new());
    finish(out.len());
}

/// Prints a figure that keeps the work from being left out, and the peak of memory in kB.
#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn finish(figure: usize) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|value| value.split_whitespace().next()).unwrap_or("0");
    println!("{figure} {peak}");
    std::process::exit(0);
}

/// One side: wall time and peak memory in kB.
#[derive(Clone, Copy)]
struct Figure {
    wall: Duration,
    peak: u64,
}

fn once(side: &str, folder: &Path, options: &[&str], threads: usize) -> Figure {
    let program = env::current_exe().expect("this program");
    let started = Instant::now();
    let output = Command::new(program)
        .args([side.as_ref(), folder.as_os_str()])
        .args(options)
        .env("RAYON_NUM_THREADS", threads.to_string())
        .stderr(Stdio::inherit())
        .output()
        .expect("this program runs");
    let wall = started.elapsed();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let peak = text.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0);
    Figure { wall, peak }
}

fn median(mut figures: Vec<Figure>) -> Figure {
    figures.sort_by_key(|figure| figure.wall);
    let wall = figures[figures.len() / 2].wall;
    figures.sort_by_key(|figure| figure.peak);
    Figure { wall, peak: figures[figures.len() / 2].peak }
}

/// What is measured of one chain.
struct Figures {
    base: Figure,
    linked: Figure,
    whole: Figure,
}

/// All sides in turn, so that a noisy moment hits each.
fn figures(folder: &Path, list: &Path, threads: usize, runs: usize) -> Figures {
    once(BASELINE, list, &[], threads);
    let (mut base, mut linked, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        base.push(once(BASELINE, list, &[], threads));
        linked.push(once(WHOLE, folder, &LINKED, threads));
        whole.push(once(WHOLE, folder, &[], threads));
    }
    Figures { base: median(base), linked: median(linked), whole: median(whole) }
}

/// Runs git in `project`.
fn git(project: &Path, arguments: &[&str]) {
    let names = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"];
    let status = Command::new("git").current_dir(project).args(names).args(arguments).status();
    assert!(status.is_ok_and(|status| status.success()), "git {arguments:?}");
}

/// What `--base` costs: 5,000 revisions in a repository, three of them new on a branch.
#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn measure_base(folder: &Path) {
    let project = folder.join("generated-base");
    if !project.join(".git/refs/heads/work").is_file() {
        generate(folder, "base", 5_003, changes);
        let git = |arguments: &[&str]| git(&project, arguments);
        let new: Vec<String> = (5_000..5_003).map(|number| format!("{}*", id(number))).collect();
        git(&["add", "-A"]);
        let paths: Vec<String> =
            new.iter().map(|name| format!("migrations/versions/{name}")).collect();
        let mut unstage = vec!["rm", "-q", "--cached"];
        unstage.extend(paths.iter().map(String::as_str));
        git(&unstage);
        git(&["commit", "-q", "-m", "base"]);
        git(&["switch", "-q", "-c", "work"]);
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", "three more"]);
    }
    println!("\n| 5,000 revisions, 3 new | threads | `--all` | `--base main` | ratio |");
    println!("|---|---|---|---|---|");
    for threads in [1, 2] {
        let (mut all, mut base) = (Vec::new(), Vec::new());
        for _ in 0..9 {
            all.push(once(WHOLE, &project, &["--all"], threads));
            base.push(once(WHOLE, &project, &["--base", "main"], threads));
        }
        let (all, base) = (median(all).wall, median(base).wall);
        println!(
            "| | {threads} | {:.1} ms | {:.1} ms | {:.2} |",
            milliseconds(all),
            milliseconds(base),
            base.as_secs_f64() / all.as_secs_f64()
        );
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn measure() {
    let quick = env::args().any(|argument| argument == "--quick");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    println!(
        "| chain | threads | read + parse | no replay | ratio | memory | all rules | ratio | memory |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let sizes: &[usize] = if quick { &[1, 1_000] } else { &[1, 1_000, 10_000, 100_000] };
    let mut chains: Vec<(String, PathBuf)> =
        sizes.iter().map(|&size| tables_of(folder, size)).collect();
    let size = if quick { 1_000 } else { 10_000 };
    let name = format!("changes-{size}");
    chains.push((
        format!("{size} generated, {} tables", size / 5),
        generate(folder, &name, size, changes),
    ));
    let corpus = folder.join("../corpus");
    let mut unpacked: Vec<PathBuf> =
        fs::read_dir(&corpus).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    unpacked.sort();
    chains.extend(
        unpacked.into_iter().filter(|path| path.is_dir()).map(|path| {
            (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), path)
        }),
    );
    let list = folder.join("measured-files.txt");
    for (name, chain) in &chains {
        list_files(chain, &list);
        for threads in [1, 2] {
            let runs = if name.starts_with("100000 ") { 3 } else { 9 };
            let Figures { base, linked, whole } = figures(chain, &list, threads, runs);
            println!(
                "| {name} | {threads} | {:.1} ms | {} | {} |",
                milliseconds(base.wall),
                beside(linked, base),
                beside(whole, base),
            );
        }
    }
    measure_base(folder);
}

/// Time, ratio and memory of one side.
fn beside(figure: Figure, base: Figure) -> String {
    let ratio = figure.wall.as_secs_f64() / base.wall.as_secs_f64();
    format!("{:.1} ms | {ratio:.2} | {} MB", milliseconds(figure.wall), figure.peak / 1024)
}

fn tables_of(folder: &Path, size: usize) -> (String, PathBuf) {
    (format!("{size} generated"), generate(folder, &size.to_string(), size, one_table))
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Writes beside the chains which Python files a run over `folder` reads.
fn list_files(folder: &Path, list: &Path) {
    let mut settings = |_: &project::Environment| {
        Ok::<_, Infallible>(ChainSettings {
            settings: Settings::default(),
            models: None,
            is_replayed: false,
            against: linter::Against::default(),
        })
    };
    let overlay = Overlay::default();
    let paths = [folder.to_path_buf()];
    let loaded = linter::on_pool(|| linter::load(&paths, folder, &overlay, &mut settings));
    let Ok(Ok(loaded)) = loaded else { panic!("{} cannot be read", folder.display()) };
    let parsed = loaded.sources.iter().map(|(_, source)| source.path());
    let paths = parsed.chain(loaded.skimmed.iter().map(PathBuf::as_path));
    let python = paths.filter(|path| path.extension().is_some_and(|extension| extension == "py"));
    let lines: Vec<String> = python.map(|path| path.display().to_string()).collect();
    fs::write(list, lines.join("\n")).expect("the list of files");
}

/// A chain of `size` revisions of about 1.5 KB in a folder of its own, made once: mostly straight,
/// with a branch and a merge every hundred. `body` writes what one does, and undoes.
fn generate(
    folder: &Path,
    name: &str,
    size: usize,
    body: fn(usize) -> (String, String),
) -> PathBuf {
    let project = folder.join(format!("generated-{name}"));
    let versions = project.join("migrations/versions");
    if project.join("complete").is_file() {
        return project;
    }
    fs::create_dir_all(&versions).expect("a folder");
    fs::write(project.join("alembic.ini"), "[alembic]\nscript_location = migrations\n")
        .expect("a file");
    fs::write(project.join("migrations/env.py"), "target_metadata = None\n").expect("a file");
    for number in 0..size {
        let id = id(number);
        let down = match (number, number % 100) {
            (0, _) => "None".to_owned(),
            // 50 branches off 48 beside 49; 51 merges both.
            (_, 50) => format!("'{}'", self::id(number - 2)),
            (_, 51) => format!("('{}', '{}')", self::id(number - 2), self::id(number - 1)),
            _ => format!("'{}'", self::id(number - 1)),
        };
        let text = revision(number, &id, &down, body(number));
        fs::write(versions.join(format!("{id}_change_{number}.py")), text).expect("a file");
    }
    // A repository of its own: what is asked of the one around it is no part of the measurement.
    git(&project, &["init", "-q", "-b", "main"]);
    fs::write(project.join("complete"), "").expect("a file");
    project
}

/// Twelve hexadecimal digits that look random and never repeat: an odd multiplier permutes.
fn id(number: usize) -> String {
    let mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4b_7c15) & 0xffff_ffff_ffff;
    format!("{mixed:012x}")
}

/// A table with its index.
fn one_table(number: usize) -> (String, String) {
    let foreign = format!(
        "        sa.ForeignKeyConstraint(['owner_id'], ['owners.id'], name='fk_table_{number}_owner', ondelete='CASCADE'),\n"
    );
    let index = format!(
        "    op.create_index('ix_table_{number}_name', 'table_{number}', ['name'], unique=False)\n"
    );
    let down = format!(
        "    op.drop_index('ix_table_{number}_name', table_name='table_{number}')\n    op.drop_table('table_{number}')\n"
    );
    (table(number, &foreign) + &index, down)
}

/// Every fifth makes a table, the others change it: columns, an index, a type, a foreign key.
fn changes(number: usize) -> (String, String) {
    let table = format!("table_{}", number / 5);
    match number % 5 {
        0 => (self::table(number / 5, ""), format!("    op.drop_table('{table}')\n")),
        1 => (
            format!(
                "    op.add_column('{table}', sa.Column('state', sa.String(length=32), nullable=True))\n    op.add_column('{table}', sa.Column('note', sa.Text(), nullable=True))\n"
            ),
            format!(
                "    op.drop_column('{table}', 'note')\n    op.drop_column('{table}', 'state')\n"
            ),
        ),
        2 => (
            format!("    op.create_index('ix_{table}_name', '{table}', ['name'], unique=False)\n"),
            format!("    op.drop_index('ix_{table}_name', table_name='{table}')\n"),
        ),
        3 => {
            let alter = |from: u32, to: u32| {
                format!(
                    "    op.alter_column('{table}', 'amount', existing_type=sa.Numeric(precision={from}, scale=2), type_=sa.Numeric(precision={to}, scale=2), existing_nullable=True)\n"
                )
            };
            (alter(12, 16), alter(16, 12))
        }
        _ => (
            format!(
                "    op.create_foreign_key('fk_{table}_owner', '{table}', 'table_{}', ['owner_id'], ['id'], ondelete='CASCADE')\n",
                (number / 5).saturating_sub(1)
            ),
            format!("    op.drop_constraint('fk_{table}_owner', '{table}', type_='foreignkey')\n"),
        ),
    }
}

fn table(number: usize, more: &str) -> String {
    format!(
        r"    op.create_table(
        'table_{number}',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('amount', sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column('owner_id', sa.Integer(), nullable=True),
{more}        sa.PrimaryKeyConstraint('id', name='pk_table_{number}'),
    )
"
    )
}

fn revision(number: usize, id: &str, down: &str, (upgrade, downgrade): (String, String)) -> String {
    let revises = down.trim_matches(['(', ')']).replace('\'', "").replace("None", "");
    format!(
        r#""""Change number {number} of the schema of the application

Revision ID: {id}
Revises: {revises}
Create Date: 2024-03-09 10:11:12.131415

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision: str = '{id}'
down_revision: Union[str, Sequence[str], None] = {down}
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Upgrade schema."""
{upgrade}

def downgrade() -> None:
    """Downgrade schema."""
{downgrade}"#
    )
}
