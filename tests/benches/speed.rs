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

fn main() {
    let arguments: Vec<String> = env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some(BASELINE) => baseline(Path::new(&arguments[2])),
        Some(WHOLE) => whole(Path::new(&arguments[2])),
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
fn whole(folder: &Path) {
    let arguments = ["migrate-lint", "--output-format=concise", "."].map(Into::into).into_iter();
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

fn once(side: &str, folder: &Path, threads: usize) -> Figure {
    let program = env::current_exe().expect("this program");
    let started = Instant::now();
    let output = Command::new(program)
        .args([side.as_ref(), folder.as_os_str()])
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

/// Both sides in turn, so that a noisy moment hits both.
fn pair(folder: &Path, list: &Path, threads: usize, runs: usize) -> (Figure, Figure) {
    once(BASELINE, list, threads);
    let (mut base, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        base.push(once(BASELINE, list, threads));
        whole.push(once(WHOLE, folder, threads));
    }
    (median(base), median(whole))
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn measure() {
    let quick = env::args().any(|argument| argument == "--quick");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    println!("| chain | threads | read + parse | whole run | ratio | peak memory |");
    println!("|---|---|---|---|---|---|");
    let sizes: &[usize] = if quick { &[1, 1_000] } else { &[1, 1_000, 10_000, 100_000] };
    let mut chains: Vec<(String, PathBuf)> =
        sizes.iter().map(|&size| (format!("{size} generated"), generate(folder, size))).collect();
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
            let runs = if name.starts_with("100000") { 3 } else { 9 };
            let (base, whole) = pair(chain, &list, threads, runs);
            println!(
                "| {name} | {threads} | {:.1} ms | {:.1} ms | {:.2} | {} MB |",
                milliseconds(base.wall),
                milliseconds(whole.wall),
                whole.wall.as_secs_f64() / base.wall.as_secs_f64(),
                whole.peak / 1024,
            );
        }
    }
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
/// with a branch and a merge every hundred.
fn generate(folder: &Path, size: usize) -> PathBuf {
    let project = folder.join(format!("generated-{size}"));
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
        let text = revision(number, &id, &down);
        fs::write(versions.join(format!("{id}_change_{number}.py")), text).expect("a file");
    }
    fs::write(project.join("complete"), "").expect("a file");
    project
}

/// Twelve hexadecimal digits that look random and never repeat: an odd multiplier permutes.
fn id(number: usize) -> String {
    let mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4b_7c15) & 0xffff_ffff_ffff;
    format!("{mixed:012x}")
}

fn revision(number: usize, id: &str, down: &str) -> String {
    let revises = down.trim_matches(['(', ')']).replace('\'', "").replace("None", "");
    format!(
        r#""""Add table number {number} with its index

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
    op.create_table(
        'table_{number}',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
        sa.Column('amount', sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column('owner_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['owner_id'], ['owners.id'], name='fk_table_{number}_owner', ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name='pk_table_{number}'),
    )
    op.create_index('ix_table_{number}_name', 'table_{number}', ['name'], unique=False)


def downgrade() -> None:
    """Downgrade schema."""
    op.drop_index('ix_table_{number}_name', table_name='table_{number}')
    op.drop_table('table_{number}')
"#
    )
}
