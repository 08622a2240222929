//! What the way back needs on MySQL alone.

use sql::{ConstraintKind, ObjectName, Statement, TableAction};

use super::back::{Back, What};

/// MySQL keeps an index that a foreign key needs: it goes after the key, and with its table where that
/// goes too.
pub(super) fn keys_before_indexes(backs: &mut Vec<Back>) {
    let mut at = 0;
    while at < backs.len() {
        let Some(table) = table_of_dropped_index(&backs[at]) else {
            at += 1;
            continue;
        };
        let rest = &backs[at + 1..];
        if rest.iter().any(|back| drops_table(back, &table)) {
            backs.remove(at);
            continue;
        }
        // What was moved is met again behind the last key, and stays there.
        match rest.iter().rposition(|back| drops_key_of(back, &table)) {
            Some(last) => {
                let back = backs.remove(at);
                backs.insert(at + 1 + last, back);
            }
            None => at += 1,
        }
    }
}

fn table_of_dropped_index(back: &Back) -> Option<ObjectName> {
    match &back.what {
        What::Statement(Statement::DropIndex(drop)) => drop.table.clone(),
        _ => None,
    }
}

fn drops_table(back: &Back, table: &ObjectName) -> bool {
    matches!(&back.what, What::Statement(Statement::DropTable(drop)) if drop.names.contains(table))
}

fn drops_key_of(back: &Back, table: &ObjectName) -> bool {
    let What::Statement(Statement::AlterTable(alter)) = &back.what else { return false };
    let is_key = |action: &TableAction| {
        matches!(action, TableAction::DropConstraint { kind: Some(ConstraintKind::ForeignKey), .. })
    };
    alter.table == *table && alter.actions.iter().any(is_key)
}
