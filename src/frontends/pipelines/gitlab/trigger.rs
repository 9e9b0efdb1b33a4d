//! Downstream pipelines: <https://docs.gitlab.com/ci/pipelines/downstream_pipelines/>.

use super::include::Includes;
use super::pipeline::{Front, Scene};
use super::{SOURCE, VENDOR};
use crate::frontends::pipelines::data::Data;
use crate::model::{Call, Expr, Item, Target, Unit, UnitKind};

/// Child pipelines may have children, and these none; at most this deep.
const MAX_DEPTH: usize = 3;
/// At most this many child pipelines are translated.
const MAX_CHILDREN: usize = 200;

impl Front<'_> {
    /// A job with what it triggers.
    pub fn trigger(&mut self, job: &Data, mut unit: Unit, scene: &Scene<'_>) -> Vec<Unit> {
        let Some(pair) = job.pair("trigger") else { return vec![unit] };
        let trigger = &pair.value;
        if let Some(project) = trigger.str().or_else(|| trigger.get_str("project")) {
            unit.body.push(self.project(project, &unit, job));
            return vec![unit];
        }
        let Some(include) = trigger.get("include") else { return vec![unit] };
        let waits = trigger.get_str("strategy").is_some();
        let item = self.child(include, &unit, scene);
        if waits {
            unit.body.push(item);
            return vec![unit];
        }
        // Nobody waits for the child: it stands beside the job, which is over once the child has begun.
        let mut child = unit.clone();
        child.name = format!("{} (child pipeline)", unit.name);
        child.body.push(item);
        vec![unit, child]
    }

    /// A pipeline of another project: the job's name says what it does, else the project's.
    fn project(&self, project: &str, unit: &Unit, job: &Data) -> Item {
        let says = self.reader.catalogue.words().stage(&unit.name).is_some();
        let name = if says { unit.name.as_str() } else { project.rsplit('/').next().unwrap_or(project) };
        let inputs = vec![("name".to_owned(), Expr::lit(name)), ("project".to_owned(), super::variables::value(project))];
        let span = job.pair("trigger").map_or(unit.span, |p| p.span);
        Item::external(VENDOR, "keyword:trigger", "", inputs, span, format!("trigger: {project}"))
    }

    fn child(&mut self, include: &Data, unit: &Unit, scene: &Scene<'_>) -> Item {
        let span = include.one_or_many().first().map_or(include.span, |first| first.item);
        let generated = include.one_or_many().iter().find_map(|i| i.get_str("artifact"));
        if let Some(path) = generated {
            let (target, text) = (Target::Pipeline(path.to_owned()), format!("artifact: {path}"));
            return Item::Call(Box::new(Call { target, bind: Vec::new(), isolated: false, span, text }));
        }
        if scene.depth >= MAX_DEPTH || self.children >= MAX_CHILDREN {
            return Item::Unknown { span, why: "child pipelines are nested too deep".to_owned() };
        }
        self.children += 1;
        let mut literals = scene.literals.clone();
        let own = unit.bind.iter().filter_map(|(n, e)| Some((n.strip_prefix("env.")?.to_owned(), e.literal()?.to_owned())));
        literals.extend(own);
        let expanded = Includes::new(self.sources, &mut self.files, self.reader.program).list(include, literals);
        let file = expanded.first.map(|id| self.sources.file(id));
        let name = file.map_or_else(|| unit.name.clone(), |f| f.path.clone());
        let whole = file.map_or(include.span, crate::source::SourceFile::whole);
        let functions = std::mem::take(&mut self.reader.functions);
        let child = self.pipeline(Unit::new(UnitKind::Pipeline, name.as_str(), whole), &expanded, scene.depth + 1, None);
        self.reader.functions = functions;
        let mut bind = vec![(SOURCE.to_owned(), Expr::lit("parent_pipeline"))];
        // The variables of the job and its pipeline are given to the child.
        let names = scene.variables.iter().map(|(n, _)| n.as_str());
        let own = unit.bind.iter().chain(unit.rules.iter().flat_map(|r| &r.bind)).filter_map(|(n, _)| n.strip_prefix("env."));
        let mut names: Vec<&str> = names.chain(own).filter(|n| !n.starts_with("CI_")).collect();
        names.sort_unstable();
        names.dedup();
        bind.extend(names.into_iter().map(|n| (format!("given.{n}"), Expr::Var(format!("env.{n}")))));
        let text = format!("trigger: {name}");
        Item::Call(Box::new(Call { target: Target::Unit(child), bind, isolated: false, span, text }))
    }
}
