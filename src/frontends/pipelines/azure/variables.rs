//! Variables: <https://learn.microsoft.com/azure/devops/pipelines/process/variables>.

use super::build::Build;
use super::expand::entries;
use super::functions::either;
use super::shared::{Shared, variable};
use super::templates::Reference;
use crate::frontends::pipelines::data::{Data, Kind};
use crate::model::{CONNECTED_TO, Expr};
use std::collections::BTreeSet;

/// Learn the variables of a file that are literal texts, for names of templates and loops over them.
pub(super) fn know_literals(root: &Data, shared: &Shared) {
    let know = |name: &str, value: Option<&str>| {
        if let Some(text) = value.filter(|t| !t.contains("$[") && !t.contains("${{")) {
            shared.know(&variable(name), &shared.expr(text));
        }
    };
    match root.get("variables") {
        Some(all) if all.is_map() => all.pairs().iter().for_each(|p| know(&p.key, p.value.str())),
        Some(all) => all.items().iter().for_each(|i| {
            if let Some(name) = i.get_str("name") {
                know(name, i.get_str("value"));
            }
        }),
        None => {}
    }
}

impl Build<'_, '_> {
    /// The values of `variables`, in order.
    pub(super) fn variables(&mut self, data: Option<&Data>) -> Vec<(String, Expr)> {
        let Some(data) = data else { return Vec::new() };
        let mut out = Vec::new();
        if let Kind::Map(pairs) = &data.kind
            && !pairs.iter().any(|p| p.key.starts_with("${{"))
        {
            for pair in pairs.iter() {
                self.variable(&pair.key, &pair.value, &Expr::always(), &mut out);
            }
            return out;
        }
        let mut groups: Vec<Expr> = Vec::new();
        for entry in entries(data, self.shared) {
            let item = &entry.data;
            if let Some(group) = item.get("group") {
                groups.push(self.reader.value(group));
            } else if let Some(name) = item.get("name").and_then(Data::str).map(|n| self.shared.name(n)) {
                if let Some(value) = item.get("value") {
                    self.variable(&name, value, &entry.when, &mut out);
                } else {
                    out.push((variable(&name), Expr::lit("")));
                }
            } else if let Some(template) = item.get_str("template") {
                let path = Reference::of(&self.shared.name(template)).path;
                groups.push(Expr::lit(path.rsplit('/').next().unwrap_or("")));
            }
        }
        out.extend(self.said_by(&groups, &out).map(|e| (CONNECTED_TO.to_owned(), e)));
        out
    }

    /// What groups of variables say of the environment by their names, where they agree and no variable says it.
    fn said_by(&self, groups: &[Expr], variables: &[(String, Expr)]) -> Option<Expr> {
        let named =
            |name: &str| matches!(name, "env.ENVIRONMENT" | "env.ENV" | "env.ENVIRONMENT_NAME" | "env.ENV_NAME" | "env.STAGE");
        if variables.iter().any(|(n, _)| named(n)) {
            return None;
        }
        let environments = self.reader.catalogue.environments();
        let said: BTreeSet<String> = groups.iter().filter_map(|g| environments.find_in(&self.shared.known(g)?)).collect();
        match (said.len(), groups) {
            (1, _) => said.into_iter().next().map(Expr::Lit),
            (0, [one]) if one.literal().is_none() => Some(one.clone()),
            _ => None,
        }
    }

    fn variable(&mut self, name: &str, value: &Data, when: &Expr, out: &mut Vec<(String, Expr)>) {
        self.shared.declare(name);
        let name = variable(name);
        let mut expr = self.variable_value(value);
        if !when.is_always() {
            expr = either(when.clone(), expr, Expr::Var(name.clone()));
        }
        self.shared.bound.borrow_mut().push((name.clone(), expr.clone()));
        out.push((name, expr));
    }

    /// A value; `$[ … ]` is an expression of the run.
    fn variable_value(&mut self, data: &Data) -> Expr {
        let text = data.str().unwrap_or("").trim();
        match text.strip_prefix("$[").and_then(|t| t.strip_suffix(']')) {
            Some(inner) => self.expression(inner, data.span),
            None => self.reader.value(data),
        }
    }
}
