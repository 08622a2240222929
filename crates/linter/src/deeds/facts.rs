//! What the page of a rule says about locks: the rows of the measured table that are the rule's.

use std::fmt::Write as _;

use locks::{FACTS, Fact, ONLINE, Source, Waits};

use crate::Rule;

/// The part of a rule's page that states what its database does, as Markdown; empty for rules that
/// do not speak of locks.
pub fn facts(rule: &Rule) -> String {
    if rule.name == "mysql-copy-alter" {
        return online();
    }
    let own: Vec<&Fact> = FACTS.iter().filter(|fact| fact.rules.contains(&rule.name)).collect();
    if own.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\n## What PostgreSQL locks\n\n\
         | statement | lock | waits | for how long |\n|---|---|---|---|\n",
    );
    for fact in own {
        let when = if fact.when.is_empty() { String::new() } else { format!(": {}", fact.when) };
        let other = fact
            .other
            .map_or(String::new(), |other| format!("; {} on the other table", other.name()));
        let who = fact.mode.waits();
        let long = if who == Waits::Nobody { "" } else { fact.work.words() };
        let _ = writeln!(
            text,
            "| `{}`{when} | {}{other} | {} | {long} |",
            fact.statement,
            fact.mode.name(),
            who.words()
        );
    }
    let is_measured = FACTS
        .iter()
        .filter(|fact| fact.rules.contains(&rule.name))
        .all(|fact| fact.source == Source::Measured);
    text.push_str(if is_measured {
        "\nA test measures this on a server. A lock is held until the transaction ends.\n"
    } else {
        "\nA test measures this on a server, but for what runs outside of a transaction, which is as \
         the manual has it. A lock is held until the transaction ends.\n"
    });
    text
}

/// What MySQL and MariaDB need for each change.
fn online() -> String {
    let mut text = String::from(
        "\n## What the servers do\n\n\
         | change | MariaDB 10.11, measured | MySQL 8.0, as its manual has it |\n|---|---|---|\n",
    );
    for one in ONLINE {
        let mysql = one.mysql.map_or("not said", locks::Needs::words);
        let _ = writeln!(text, "| {} | {} | {mysql} |", one.change, one.mariadb.words());
    }
    text.push_str(
        "\nA test runs each change on a MariaDB server, with the `ALGORITHM` and `LOCK` that it may need at \
         most. Bytes are those of the longest value: a character of `utf8mb4` takes four.\n",
    );
    text
}
