//! Annotations of GitHub Actions: workflow commands, one for each diagnostic.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write as _;
use std::io::{self, Write};

use diagnostics::{Diagnostic, Level};

use crate::closing::closing;
use crate::{Problem, Report, Style};

pub(crate) fn render(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for diagnostic in report.diagnostics {
        writeln!(out, "{}", annotation(report, diagnostic))?;
    }
    for problem in &report.problems {
        writeln!(out, "{}", problem_annotation(report, problem))?;
    }
    if report.quiet {
        return Ok(());
    }
    out.write_all(closing(report, style).as_bytes())
}

fn annotation(report: &Report<'_>, diagnostic: &Diagnostic) -> String {
    let at = report.locate(diagnostic.place);
    let command = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "notice",
    };
    let mut text = format!("::{command} file={},line={}", property(&at.path), at.line);
    let _ = write!(text, ",endLine={}", at.end_line);
    // GitHub refuses columns where an annotation spans lines.
    if at.line == at.end_line {
        let _ = write!(text, ",col={},endColumn={}", at.column, at.end_column);
    }
    let title = format!("migrate-lint ({})", diagnostic.rule);
    let mut message = diagnostic.message.clone();
    for related in &diagnostic.related {
        let at = report.locate(related.place);
        let _ = write!(message, "\n{}:{}:{}: {}", at.path, at.line, at.column, related.message);
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    let _ = write!(text, ",title={}::{}", property(&title), data(&message));
    text
}

fn problem_annotation(report: &Report<'_>, problem: &Problem) -> String {
    let mut message = problem.message.clone();
    if let Some(help) = &problem.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    let path = property(&report.shown(&problem.path));
    format!("::error file={path},title=migrate-lint::{}", data(&message))
}

/// Escaped as the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escaped as the value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, PLAIN};

    fn rendered(project: &samples::Project) -> String {
        let mut out = Vec::new();
        render(&project.report(), &PLAIN, &mut out).expect("a vector takes every byte");
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn each_diagnostic_is_a_command() {
        assert_eq!(
            rendered(&samples::project()),
            "\
::error file=migrations/versions/1d7c_orders.py,line=7,endLine=7,col=17,endColumn=31,\
title=migrate-lint (broken-down-revision)::`down_revision` is `9f0000000000`, which no revision \
has%0Ahelp: name the revision that this one comes after: `down_revision = \"9f2e11d07c55\"`
::error file=migrations/versions/1d7c_orders.py,line=6,endLine=6,col=1,endColumn=26,\
title=migrate-lint (multiple-heads)::the chain has 2 heads: `1d7c5b0a9e3f` and `83aa02f4c6d1`\
%0Amigrations/versions/83aa_coupons.py:1:1: the other head%0Ahelp: merge them: `alembic merge \
heads`
::warning file=shop/models.py,line=3,endLine=3,col=5,endColumn=13,\
title=migrate-lint (reserved-attribute)::`metadata` is reserved by SQLAlchemy%0Ashop/models.py:7:1: \
used here
::error file=migrations/env.py,title=migrate-lint::cannot be read: permission denied%0Ahelp: let \
the user that runs the check read it
checked 3 revisions in 1 chain, 1 model; 2 errors, 1 warning, 1 path not looked at
1 fixable with --fix, 1 more with --unsafe-fixes
"
        );
    }

    #[test]
    fn a_text_cannot_end_its_command() {
        let mut project = samples::one("a\nb", diagnostics::Span::new(0, 3));
        project.diagnostics[0].message = "100%\r\n::error::x".to_owned();
        project.diagnostics[0].level = Level::Info;
        assert_eq!(
            rendered(&project).lines().next(),
            Some(
                "::notice file=a.py,line=1,endLine=2,title=migrate-lint (multiple-heads)::100%25%0D%0A::error::x"
            )
        );
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
    }
}
