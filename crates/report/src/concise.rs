//! One line for each diagnostic.

use std::io::{self, Write};

use diagnostics::Level;

use crate::closing::closing;
use crate::terminal::{BOLD, ink, link, one_line, paint};
use crate::{Report, Style};

pub(crate) fn render(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for diagnostic in report.diagnostics {
        let at = report.locate(diagnostic.place);
        let path = paint(style.color, BOLD, &one_line(&at.path));
        let url = report.rule(diagnostic.rule).map(|rule| rule.url.as_str());
        let rule = link(style.links, url, diagnostic.rule);
        let head =
            paint(style.color, ink(diagnostic.level), &format!("{}[{rule}]", diagnostic.level));
        let message = one_line(&diagnostic.message);
        writeln!(out, "{path}:{}:{}: {head} {message}", at.line, at.column)?;
    }
    for problem in &report.problems {
        let path = paint(style.color, BOLD, &one_line(&report.shown(&problem.path)));
        let head = paint(style.color, ink(Level::Error), "error");
        writeln!(out, "{path}: {head}: {}", one_line(&problem.message))?;
    }
    if report.quiet {
        return Ok(());
    }
    out.write_all(closing(report, style).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, PLAIN};

    #[test]
    fn each_diagnostic_is_one_line() {
        let project = samples::project();
        let mut out = Vec::new();
        render(&project.report(), &PLAIN, &mut out).expect("a vector takes every byte");
        assert_eq!(
            String::from_utf8_lossy(&out),
            "\
migrations/versions/1d7c_orders.py:7:17: error[broken-down-revision] `down_revision` is \
`9f0000000000`, which no revision has
migrations/versions/1d7c_orders.py:6:1: error[multiple-heads] the chain has 2 heads: \
`1d7c5b0a9e3f` and `83aa02f4c6d1`
shop/models.py:3:5: warning[reserved-attribute] `metadata` is reserved by SQLAlchemy
migrations/env.py: error: cannot be read: permission denied
checked 3 revisions in 1 chain, 1 model; 2 errors, 1 warning, 1 path not looked at
1 fixable with --fix, 1 more with --unsafe-fixes
"
        );
    }

    #[test]
    fn a_message_with_a_line_end_stays_one_line() {
        let mut project = samples::project();
        project.diagnostics.truncate(1);
        project.diagnostics[0].message = "a\nb\x1b[0m".to_owned();
        project.problems.clear();
        let mut report = project.report();
        report.quiet = true;
        let mut out = Vec::new();
        render(&report, &PLAIN, &mut out).expect("a vector takes every byte");
        assert_eq!(
            String::from_utf8_lossy(&out),
            "migrations/versions/1d7c_orders.py:7:17: error[broken-down-revision] a b␛[0m\n"
        );
    }
}
