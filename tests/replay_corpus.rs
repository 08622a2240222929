//! The chains of real applications, replayed: how much of them is fully determined.

mod support;

#[path = "support/replaying.rs"]
mod replaying;

use std::collections::BTreeMap;
use std::path::PathBuf;

use schema::replay::{NamingConvention, Replay, Run};
use schema::state::Baseline;
use sql::Dialect;

use replaying::{Folder, Replayed, replayed};

#[derive(Default)]
struct Count {
    all: usize,
    determined: usize,
    why: BTreeMap<String, usize>,
}

impl Count {
    fn add(&mut self, run: &Run, name: &str, files: &[PathBuf]) {
        self.all += 1;
        if run.not_analysed.is_empty() {
            self.determined += 1;
            return;
        }
        let first = &run.not_analysed[0];
        *self.why.entry(first.why.to_string()).or_default() += 1;
        if std::env::var_os("REASONS").is_some() {
            for one in &run.not_analysed {
                let path = &files[one.place.file.index()];
                let text = std::fs::read_to_string(path).unwrap_or_default();
                let line = text[..one.place.span.start as usize].lines().count();
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                eprintln!("  {name} {file}:{line}: {}", one.why);
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    fn share(&self) -> f64 {
        100.0 * self.determined as f64 / self.all.max(1) as f64
    }
}

#[test]
#[ignore = "downloads real chains from PyPI"]
fn nearly_all_of_real_chains_is_determined() {
    replaying::with_stack(measure);
}

fn measure() {
    let (mut up, mut down) = (Count::default(), Count::default());
    let only = std::env::var("CHAIN").ok();
    for listed in support::corpus() {
        if only.as_ref().is_some_and(|only| !listed.name().contains(only)) {
            continue;
        }
        let before = (up.determined, up.all, down.determined, down.all);
        let started = std::time::Instant::now();
        let Replayed { replay, files, .. } = replayed(Folder {
            root: &listed.root,
            versions: &listed.versions,
            dialect: Dialect::PostgreSql,
            baseline: Baseline::Open,
            naming: NamingConvention::usual(),
        });
        for one in &replay.revisions {
            up.add(&one.up, "up", &files);
            if let Some(run) = &one.down {
                down.add(run, "down", &files);
            }
        }
        let (faults, crashes) = faults(&replay);
        eprintln!(
            "{:6.1?} {}: up {}/{}, down {}/{}; {faults} faults, {crashes} crashes",
            started.elapsed(),
            listed.name(),
            up.determined - before.0,
            up.all - before.1,
            down.determined - before.2,
            down.all - before.3,
        );
        if std::env::var_os("FAULTS").is_some() {
            tell(&replay, &files);
        }
    }
    for (name, count) in [("upgrades", &up), ("downgrades", &down)] {
        eprintln!("{name}: {}/{} = {:.1} %", count.determined, count.all, count.share());
        let mut why: Vec<_> = count.why.iter().collect();
        why.sort_by_key(|(why, number)| (std::cmp::Reverse(**number), (*why).clone()));
        for (why, number) in why.iter().take(40) {
            eprintln!("  {number:4} {why}");
        }
    }
    assert!(only.is_some() || up.share() >= 98.3, "upgrades: {:.1} %", up.share());
    assert!(only.is_some() || down.share() >= 99.0, "downgrades: {:.1} %", down.share());
}

fn faults(replay: &Replay) -> (usize, usize) {
    let runs = replay.revisions.iter().flat_map(|one| std::iter::once(&one.up).chain(&one.down));
    runs.fold((0, 0), |(faults, crashes), run| {
        (faults + run.faults().count(), crashes + usize::from(run.crash.is_some()))
    })
}

fn tell(replay: &Replay, files: &[PathBuf]) {
    for one in &replay.revisions {
        for (name, run) in [("up", Some(&one.up)), ("down", one.down.as_ref())] {
            let Some(run) = run else { continue };
            let at = |place: diagnostics::Place| {
                let path = &files[place.file.index()];
                let text = std::fs::read_to_string(path).unwrap_or_default();
                let line = text[..place.span.start as usize].lines().count();
                format!("{}:{line}", path.file_name().unwrap_or_default().to_string_lossy())
            };
            for (step, _, fault) in run.faults() {
                eprintln!("  {name} {}: {fault:?}", at(step.operation.place));
            }
            for (step, fault) in run.invalid() {
                eprintln!(
                    "  {name} {}: {:?} {:?}",
                    at(step.operation.place),
                    fault.problem,
                    fault.outcome
                );
            }
            if let Some(crash) = &run.crash {
                eprintln!("  {name} {}: crash {}", at(crash.place), crash.exception);
            }
        }
    }
}
