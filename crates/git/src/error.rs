//! Why git could not answer.

use std::fmt;

/// Why git could not answer, and the one command that repairs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitError {
    /// What went wrong: lower case, no full stop.
    pub message: String,
    /// What to run.
    pub command: Option<String>,
}

impl GitError {
    /// Of a folder that is in no repository.
    pub fn outside() -> Self {
        Self::new("this folder is in no git repository").repaired_by("git init")
    }

    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), command: None }
    }

    pub(crate) fn repaired_by(self, command: impl Into<String>) -> Self {
        Self { command: Some(command.into()), ..self }
    }
}

impl fmt::Display for GitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        match &self.command {
            Some(command) => write!(formatter, "\n  = help: run `{command}`"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for GitError {}
