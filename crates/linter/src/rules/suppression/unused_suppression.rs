//! `unused-suppression`

use diagnostics::{Edit, Fix, Level, Place, SourceFile, Span};

use crate::rule::rule;
use crate::suppressions::Suppression;
use crate::{
    Check, Finding, Fixes, Group, Reporter, Rule, Selector, SuppressionView, nearest, rule_named,
};

rule! {
    /// A suppression that silences nothing: the diagnostic is gone, stands elsewhere, or never
    /// had that name.
    ///
    /// ## Why it matters
    /// A comment that no longer does anything tells the next reader that something is wrong where
    /// nothing is. Worse, it will silence a new fault that happens to arrive on its line.
    ///
    /// ## What to do
    /// Remove it; `--fix` does. Where only one name of several is unused, only that name goes.
    /// A misspelt name is not removed but pointed out, with the nearest rule there is.
    ///
    /// ## When it stays silent
    /// For rules that this run does not run: a suppression may be there for another run.
    pub(crate) static UNUSED_SUPPRESSION = Rule {
        name: "unused-suppression",
        group: Group::Suppression,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "a suppression that silences nothing",
        check: Check::Suppression(check),
    };
}

fn check(view: &SuppressionView<'_>, report: &mut Reporter<'_>) {
    for suppression in view.suppressions.iter().filter(|suppression| suppression.is_well_formed) {
        let unused: Vec<usize> = (0..suppression.rules.len())
            .filter(|&index| is_unused(view, suppression, index))
            .collect();
        for &index in &unused {
            report.report(finding(view, suppression, index, unused.len()));
        }
    }
}

/// Whether the rule is known, ran, and was not silenced here.
fn is_unused(view: &SuppressionView<'_>, suppression: &Suppression, index: usize) -> bool {
    let named = &suppression.rules[index];
    match rule_named(&named.name) {
        None => true,
        Some(rule) => {
            let runs = view.settings.level(rule).is_some();
            runs && named.uses == 0 && rule.group != Group::Suppression
        }
    }
}

fn finding(
    view: &SuppressionView<'_>,
    suppression: &Suppression,
    index: usize,
    unused: usize,
) -> Finding {
    let named = &suppression.rules[index];
    let place = Place::new(view.file, named.span);
    if rule_named(&named.name).is_none() {
        let message =
            format!("no rule is named `{}`, so this suppression silences nothing", named.name);
        if Selector::parse(&named.name).is_ok() {
            let message = format!(
                "`{}` is a group of rules, and only rules can be suppressed, so this silences nothing",
                named.name
            );
            return Finding::at(place, message).help("name the rule that it is about");
        }
        let known = crate::RULES.iter().map(|rule| rule.name);
        let finding = Finding::at(place, message);
        return match nearest(&named.name, known) {
            Some(nearest) => finding.help(format!("write `{nearest}`")),
            None => finding.help("`migrate-lint rules` lists the names; remove this one"),
        };
    }
    if suppression.is_file_wide && !suppression.is_in_header {
        return Finding::at(
            place,
            "`ignore-file` counts only above the first statement of the file",
        )
        .help("move the comment to the top of the file, or write `ignore` on the line itself");
    }
    let message = format!("`{}` is suppressed here, but says nothing", named.name);
    let edit = if unused == suppression.rules.len() {
        Edit::replace(Place::new(view.file, whole(view.source, suppression)), "")
    } else {
        Edit::replace(Place::new(view.file, with_comma(view.source, suppression, index)), "")
    };
    Finding::at(place, message)
        .help("remove the suppression")
        .fix(Fix::safe(format!("remove the suppression of `{}`", named.name), vec![edit]))
}

/// The comment, with the blanks before it, and with its line where nothing else stands there.
fn whole(source: &SourceFile, suppression: &Suppression) -> Span {
    let text = source.text();
    let start = suppression.span.start as usize;
    let line_start = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let before = &text[line_start..start];
    let rest = &text[suppression.span.end as usize..];
    let line_rest = rest.find(['\n', '\r']).unwrap_or(rest.len());
    let end = suppression.span.end as usize + line_rest;
    if !before.trim().is_empty() {
        return Span::new((line_start + before.trim_end().len()) as u32, end as u32);
    }
    let after = &text[end..];
    let line_end = if after.starts_with("\r\n") { 2 } else { usize::from(!after.is_empty()) };
    Span::new(line_start as u32, (end + line_end) as u32)
}

/// One name of the list, with the comma that goes with it.
fn with_comma(source: &SourceFile, suppression: &Suppression, index: usize) -> Span {
    let rules = &suppression.rules;
    let own = rules[index].span;
    match (index.checked_sub(1), rules.get(index + 1)) {
        (_, Some(next)) => Span::new(own.start, next.span.start),
        (Some(before), None) => Span::new(rules[before].span.end, own.end),
        (None, None) => {
            debug_assert!(
                source.text().len() >= own.end as usize,
                "a list of one is removed whole"
            );
            own
        }
    }
}
