//! In which transactions the revisions of a chain run.

use python::{Expr, ExprKind, Visitor, walk_expr, walk_module};
use schema::replay::Step;
use sql::{Effect, Statement};

use crate::ChainView;
use crate::syntax::env_calls::is_configure;

/// How `env.py` runs revisions.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "env.py has as many options")]
pub(crate) struct Transactions {
    /// Whether there is an `env.py` that was read.
    pub(crate) is_known: bool,
    /// `transaction_per_migration=True`; something that only a run would tell counts too.
    pub(crate) per_migration: bool,
    /// The connection commits each statement, or no transaction is begun.
    pub(crate) is_autocommit: bool,
    /// Another part of the application gives the connection, and only it knows whether that commits each statement.
    pub(crate) is_given: bool,
    /// It sets `lock_timeout`.
    pub(crate) has_lock_timeout: bool,
    /// `render_as_batch=True`; something that only a run would tell counts too.
    pub(crate) is_batch: bool,
}

/// Which transaction each step of one revision runs in.
pub(crate) struct Walk {
    number: u32,
    is_out: bool,
    was_autocommit: bool,
    is_always_out: bool,
}

impl Transactions {
    /// As `env.py` of a chain says it.
    pub(crate) fn of(view: &ChainView<'_>) -> Self {
        let Some(env) = view.env else { return Self::default() };
        let text = view.sources.file(env.file).text();
        let mut options = Options::default();
        walk_module(&mut options, &env.parsed.module);
        Self {
            is_known: true,
            per_migration: options.per_migration || options.is_open,
            is_autocommit: text.contains("AUTOCOMMIT") || options.no_transaction,
            is_given: (!options.is_configured || text.contains("attributes"))
                && !text.to_ascii_lowercase().contains("engine"),
            has_lock_timeout: text.contains("lock_timeout"),
            is_batch: options.is_batch || options.is_open,
        }
    }
}

/// What the calls of `context.configure` are given.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "env.py has as many options")]
struct Options {
    per_migration: bool,
    no_transaction: bool,
    is_batch: bool,
    /// There is such a call.
    is_configured: bool,
    /// `**options`
    is_open: bool,
}

impl<'a> Visitor<'a> for Options {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let ExprKind::Call(call) = &expr.kind
            && is_configure(call)
        {
            self.is_configured = true;
            for keyword in &call.keywords {
                let is_false = matches!(keyword.value.kind, ExprKind::Bool(false));
                match keyword.name.as_deref() {
                    None => self.is_open = true,
                    Some("transaction_per_migration") => self.per_migration |= !is_false,
                    Some("transactional_ddl") => self.no_transaction |= is_false,
                    Some("render_as_batch") => self.is_batch |= !is_false,
                    Some(_) => {}
                }
            }
        }
        walk_expr(self, expr);
    }
}

impl Walk {
    pub(crate) const fn new(transactions: Transactions) -> Self {
        let is_always_out = transactions.is_autocommit;
        Self { number: 0, is_out: false, was_autocommit: false, is_always_out }
    }

    /// The transaction of a step; `None` outside of any.
    pub(crate) const fn enter(&mut self, step: &Step) -> Option<u32> {
        // The block commits what came before it.
        if step.is_autocommit && !self.was_autocommit {
            self.number += 1;
        }
        self.was_autocommit = step.is_autocommit;
        if step.is_autocommit || self.is_out || self.is_always_out {
            None
        } else {
            Some(self.number)
        }
    }

    /// Whether a transaction has not ended yet.
    pub(crate) const fn is_open(&self, transaction: u32) -> bool {
        !self.is_out && self.number == transaction
    }

    /// Follows `COMMIT` and its like.
    pub(crate) fn leave(&mut self, step: &Step) {
        for sent in &step.statements {
            let Statement::Other(other) = &sent.statement else { continue };
            if other.effect != Effect::Transaction {
                continue;
            }
            let word = other.text.split(|char: char| !char.is_alphabetic()).next();
            match word.unwrap_or_default().to_ascii_uppercase().as_str() {
                "COMMIT" | "END" | "ROLLBACK" | "ABORT" => {
                    self.number += 1;
                    self.is_out = true;
                }
                "BEGIN" | "START" => self.is_out = false,
                _ => {}
            }
        }
    }
}
