//! What the replay says of real chains, and what PostgreSQL said of the same ones: recorded facts.

mod support;

#[path = "support/facts.rs"]
mod facts;
#[path = "support/real_chains.rs"]
mod real_chains;
#[path = "support/replaying.rs"]
mod replaying;

use std::collections::BTreeMap;

use diagnostics::{FileId, Place};
use schema::replay::NamingConvention;
use schema::state::{Baseline, Doubt, Schema, StepId, apply, difference};
use serde::Deserialize;
use sql::Dialect;

use facts::Facts;
use real_chains::{REAL_CHAINS, RealChain};
use replaying::{Folder, Replayed, replayed, with_stack};

/// What PostgreSQL said.
#[derive(Deserialize)]
struct Recorded {
    head: Facts,
    revisions: Vec<Revision>,
}

/// What became of one revision: upgrade, downgrade, and upgrade once more.
#[derive(Deserialize)]
struct Revision {
    #[serde(rename = "revision")]
    id: String,
    upgrade: String,
    downgrade: Option<String>,
    again: Option<String>,
    #[serde(default)]
    left: Vec<Vec<String>>,
}

/// What was claimed, and what became of the claims.
#[derive(Default)]
struct Tally {
    right: usize,
    /// Right, but of which a part is not known.
    partly: Vec<String>,
    wrong: Vec<String>,
    missed: Vec<String>,
}

/// Differences in which the replay is right, or which no replay could tell: chain, fact, reason.
const EXPLAINED: &[(&str, &str, &str)] = &[(
    "langflow",
    "public.message_ingestion_record.fk_message_ingestion_record_message_id_message",
    "the recorded run went up, down and up again at each revision: b4c2f8e9a1d3 drops on its way down a \
     key that it found on its way up, and then makes it NOT VALID",
)];

/// Crashes foretold that were not recorded: the revision, reason.
const UNRECORDED: &[(&str, &str)] = &[(
    "langflow b2fa308044b5",
    "its error is caught, and PostgreSQL has ended the transaction: Alembic's own note of the revision \
     fails (`an_error_that_is_caught_stops_postgresql_all_the_same`), but the recorded run made no such \
     note",
)];

impl Tally {
    /// Compares claims with facts; both sides by key.
    fn compare(&mut self, claims: &BTreeMap<String, String>, facts: &BTreeMap<String, String>) {
        for (key, claim) in claims {
            match facts.get(key) {
                Some(fact) if is_same(claim, fact) => {
                    self.right += 1;
                    // Of expressions the state compares only what has a normal form.
                    let is_type = claim.starts_with('*') || claim.contains("*)");
                    if is_type || claim.contains("\u{1f}*\u{1f}") {
                        self.partly.push(format!("{key}: {fact}"));
                    }
                }
                Some(fact) => self.wrong.push(format!("{key}: {claim} is {fact}")),
                None => self.wrong.push(format!("{key}: {claim} is not there")),
            }
        }
        for (key, fact) in facts {
            if !claims.contains_key(key) {
                self.missed.push(format!("{key}: {fact}"));
            }
        }
    }

    fn tell(&self, name: &str) {
        let all = self.right + self.wrong.len();
        eprintln!("{name}: {} of {all} right, {} not claimed", self.right, self.missed.len());
        for (mark, list) in
            [("wrong", &self.wrong), ("in part", &self.partly), ("not claimed", &self.missed)]
        {
            for one in list {
                eprintln!("    {mark} {one}");
            }
        }
    }
}

/// `*` in a claim is what is not known.
fn is_same(claim: &str, fact: &str) -> bool {
    let (mut claims, mut facts) = (claim.split('\u{1f}'), fact.split('\u{1f}'));
    loop {
        match (claims.next(), facts.next()) {
            (None, None) => return true,
            (Some(claim), Some(fact)) if claim == fact || claim == "*" || fact == "*" => {}
            _ => return false,
        }
    }
}

fn read(name: &str) -> String {
    let path = support::workspace().join("fixtures/live").join(name);
    std::fs::read_to_string(path).expect("the recorded facts are there")
}

fn replay(chain: &RealChain) -> Replayed {
    let corpus = support::corpus();
    let listed = corpus
        .iter()
        .find(|one| one.versions.ends_with(chain.versions) && !one.package.contains("2.10"))
        .expect("the corpus has it");
    // The recorded runs began on an empty database.
    let baseline = chain.baseline.map_or(Baseline::Empty, |file| {
        let mut schema = Schema::new(Dialect::PostgreSql, Baseline::Empty);
        for one in sql::read(&read(file), Dialect::PostgreSql) {
            let place = Place::start_of(FileId::new(0));
            let faults = apply(&mut schema, &one.statement, StepId::default(), place);
            assert!(faults.is_empty(), "{faults:?}");
        }
        Baseline::File(schema)
    });
    let naming = chain.naming.iter().map(|(kind, format)| (*kind, Some(*format)));
    let naming = if chain.naming.is_empty() {
        NamingConvention::usual()
    } else {
        NamingConvention::of_items(naming)
    };
    replayed(Folder {
        root: &listed.root,
        versions: &listed.versions,
        dialect: Dialect::PostgreSql,
        baseline,
        naming,
    })
}

/// The revisions whose upgrade could not be run where the facts were recorded.
fn unrun(recorded: &Recorded) -> Vec<&str> {
    let failed = recorded.revisions.iter().filter(|one| one.upgrade != "ok");
    failed.map(|one| one.id.as_str()).collect()
}

#[test]
#[ignore = "downloads real chains from PyPI"]
fn the_replayed_head_is_what_postgresql_has() {
    with_stack(|| {
        let mut wrong = 0;
        for chain in REAL_CHAINS {
            let recorded: Recorded = serde_json::from_str(&read(&format!("{}.json", chain.name)))
                .expect("the recorded facts are JSON");
            let replayed = replay(chain);
            let unrun = unrun(&recorded);
            let is_unrun = |step: StepId| {
                let step = replayed.replay.place_of(step);
                step.is_some_and(|(revision, _)| unrun.contains(&id(&replayed, revision).as_str()))
            };
            let claimed = facts::claimed(&replayed.replay.head, &is_unrun);
            for (why, count) in doubts(&replayed) {
                eprintln!("    {count} in doubt: {why}");
            }
            let live = recorded.head.by_kind();
            let (mut right, mut all, mut missed) = (0, 0, 0);
            for (kind, claims) in &claimed {
                let mut tally = Tally::default();
                tally.compare(claims, &live[kind]);
                for list in [&mut tally.wrong, &mut tally.missed] {
                    list.retain(|one| {
                        !EXPLAINED.iter().any(|(name, fact, _)| {
                            *name == chain.name && one.starts_with(&format!("{fact}:"))
                        })
                    });
                }
                tally.tell(&format!("{} {kind}", chain.name));
                right += tally.right;
                all += live[kind].len();
                missed += tally.missed.len() + tally.partly.len();
                wrong += tally.wrong.len();
            }
            let share = percent(all - missed, all);
            eprintln!("{}: {right} right; {share:.1} % of {all} claimed", chain.name);
            assert!(share >= chain.claimed, "{}: only {share:.1} % are claimed", chain.name);
        }
        assert_eq!(wrong, 0);
    });
}

/// Why tables and their parts are in doubt, with how many are.
fn doubts(replayed: &Replayed) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let mut add = |doubt: &Option<Doubt>| {
        let Some(doubt) = doubt else { return };
        let file = &replayed.files[doubt.place.file.index()];
        let file = file.file_name().unwrap_or_default().to_string_lossy();
        let why = format!("{} ({file} at {})", doubt.why, doubt.place.span.start);
        *counts.entry(why).or_default() += 1;
    };
    for table in replayed.replay.head.tables() {
        add(&table.doubt);
        table.columns.iter().for_each(|one| add(&one.doubt));
        table.constraints.iter().for_each(|one| add(&one.doubt));
        table.indexes.iter().for_each(|one| add(&one.doubt));
    }
    counts
}

fn id(replayed: &Replayed, revision: chain::RevisionIndex) -> String {
    replayed.chain.get(revision).id_text().unwrap_or_default().to_owned()
}

/// Predictions against what happened.
#[derive(Default)]
struct Verdicts {
    right: usize,
    false_alarms: Vec<String>,
    missed: Vec<String>,
}

impl Verdicts {
    fn add(&mut self, name: &str, predicted: Option<String>, happened: Option<String>) {
        match (predicted, happened) {
            (Some(_), Some(_)) => self.right += 1,
            (Some(said), None) => self.false_alarms.push(format!("{name}: {said}")),
            (None, Some(fact)) => self.missed.push(format!("{name}: {fact}")),
            (None, None) => {}
        }
    }

    fn tell(&self, what: &str) {
        let precision = percent(self.right, self.right + self.false_alarms.len());
        let recall = percent(self.right, self.right + self.missed.len());
        eprintln!(
            "{what}: {} right, {} false alarms, {} missed: precision {precision:.1} %, recall {recall:.1} %",
            self.right,
            self.false_alarms.len(),
            self.missed.len()
        );
        for (mark, list) in [("false alarm", &self.false_alarms), ("missed", &self.missed)] {
            for one in list {
                eprintln!("    {mark} {one}");
            }
        }
    }
}

#[test]
#[ignore = "downloads real chains from PyPI"]
fn verdicts_on_downgrades_are_what_happened() {
    with_stack(|| {
        let (mut upgrade, mut crash) = (Verdicts::default(), Verdicts::default());
        let (mut incomplete, mut again) = (Verdicts::default(), Verdicts::default());
        for chain in REAL_CHAINS {
            let recorded: Recorded = serde_json::from_str(&read(&format!("{}.json", chain.name)))
                .expect("the recorded facts are JSON");
            let replayed = replay(chain);
            for one in &recorded.revisions {
                let name = format!("{} {}", chain.name, one.id);
                let index = replayed.chain.find(&one.id).expect("the chain has it");
                let run = replayed.replay.get(index).expect("it was replayed");
                let failed = (one.upgrade != "ok").then(|| one.upgrade.clone());
                let has_failed = failed.is_some();
                upgrade.add(&name, failure(&run.up), failed);
                if has_failed {
                    continue;
                }
                let Some(down) = &run.down else { continue };
                let crashed = one.downgrade.clone().filter(|said| said != "ok");
                let is_whole = crashed.is_none();
                let foretold = failure(down);
                let is_unrecorded = UNRECORDED.iter().any(|(one, _)| *one == name);
                assert!(!is_unrecorded || foretold.is_some(), "{name} is listed in vain");
                crash.add(&name, foretold.filter(|_| !is_unrecorded), crashed);
                if is_whole && failure(down).is_none() {
                    let found = difference(&run.before, &down.end);
                    let said = (!found.is_empty()).then(|| format!("{found:?}"));
                    let left = (!one.left.iter().all(|one| one[1] == "fn"))
                        .then(|| format!("{:?}", one.left));
                    incomplete.add(&name, said, left);
                }
                if let (Some(run), Some(said)) = (&run.up_again, &one.again) {
                    again.add(&name, failure(run), Some(said.clone()).filter(|said| said != "ok"));
                }
            }
        }
        upgrade.tell("upgrade crashes");
        crash.tell("downgrade crashes");
        incomplete.tell("downgrade leaves another schema");
        again.tell("upgrade crashes after the downgrade");
        assert_eq!(crash.false_alarms.len() + again.false_alarms.len(), 0, "crashes");
        let all = upgrade.right + upgrade.false_alarms.len();
        assert_eq!(all, upgrade.right, "every upgrade that fails surely failed");
        assert_eq!(incomplete.false_alarms.len(), 0, "other schemas");
        assert!(incomplete.right >= 49 && incomplete.missed.len() <= 2, "other schemas");
    });
}

/// Why a run surely fails.
fn failure(run: &schema::replay::Run) -> Option<String> {
    let fault = run.faults().next().map(|(_, _, fault)| format!("{fault:?}"));
    fault.or_else(|| run.crash.as_ref().map(|crash| crash.exception.to_string()))
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
