//! Types, views, and whatever is no part of a table.

use python::Known;
use sql::{AlterType, CreateEnum, CreateView, DropObjects, ObjectName, Statement, TypeAction};

use super::super::parts::{self as made_again, Why, shown};
use super::{Backs, Inverse};

impl Inverse<'_> {
    pub(super) fn drop_type(&self, drop: &DropObjects) -> Backs {
        let Some(name) = drop.names.first() else { return Ok(Vec::new()) };
        let before = self.before();
        if before.has_type(name) == Some(false) {
            return Ok(Vec::new());
        }
        let was = before.user_type(name);
        if was.is_some_and(|one| self.own.is_own(one.made)) {
            return Ok(Vec::new());
        }
        if drop.cascade {
            return Err(format!("it drops {} and whatever has that type", shown(name)));
        }
        let Some(labels) = was.and_then(|one| one.labels()) else {
            return Err(format!("it drops {}, whose labels no revision says", shown(name)));
        };
        let labels = Known::Literal(labels.to_vec());
        Ok(vec![self.back(Statement::CreateEnum(CreateEnum { name: name.clone(), labels }))])
    }

    pub(super) fn alter_type(&mut self, alter: &AlterType) -> Backs {
        let name = &alter.name;
        let is_own = self.before().user_type(name).is_some_and(|one| self.own.is_own(one.made));
        let back = |name: ObjectName, action| {
            Ok(vec![self.back(Statement::AlterType(AlterType { name, action }))])
        };
        match &alter.action {
            TypeAction::RenameTo(to) => {
                let renamed = ObjectName { schema: name.schema.clone(), name: to.clone() };
                back(renamed, TypeAction::RenameTo(name.name.clone()))
            }
            TypeAction::RenameValue { from, to } if !is_own => {
                let (from, to) = (to.clone(), from.clone());
                back(name.clone(), TypeAction::RenameValue { from, to })
            }
            TypeAction::AddValue { .. } | TypeAction::RenameValue { .. } if is_own => {
                Ok(Vec::new())
            }
            TypeAction::AddValue { label, .. } => self.without_label(name, label),
            _ => Err(format!("nothing is known that undoes the change of {}", shown(name))),
        }
    }

    pub(super) fn create_view(&mut self, create: &CreateView) -> Backs {
        if let Some(was) = self.before().view(&create.name) {
            if create.if_not_exists && was.doubt.is_none() {
                return Ok(Vec::new());
            }
            return Ok(vec![self.back(Statement::CreateView(made_again::view(was)?))]);
        }
        self.is_sure &= !create.or_replace && !create.if_not_exists;
        let names =
            DropObjects { names: vec![create.name.clone()], if_exists: false, cascade: false };
        Ok(vec![self.back(Statement::DropView(names))])
    }

    pub(super) fn drop_view(&self, drop: &DropObjects) -> Backs {
        let Some(name) = drop.names.first() else { return Ok(Vec::new()) };
        match self.before().view(name) {
            Some(was) if self.own.is_own(was.made) => Ok(Vec::new()),
            Some(was) => Ok(vec![self.back(Statement::CreateView(made_again::view(was)?))]),
            None if drop.if_exists && self.before().has_table(name) == Some(false) => {
                Ok(Vec::new())
            }
            None => Err(dropped("view", drop)),
        }
    }
}

/// Nothing brings these back.
pub(super) fn dropped(what: &str, drop: &DropObjects) -> Why {
    let names: Vec<String> = drop.names.iter().map(shown).collect();
    format!("it drops the {what} {}", names.join(", "))
}
