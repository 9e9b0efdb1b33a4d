//! Actions: <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html>.

use super::projects::{Project, built_by, variables_of_action};
use super::{VENDOR, known};
use crate::frontends::pipelines::Input;
use crate::frontends::pipelines::data::{Data, Pair};
use crate::frontends::pipelines::reader::Reader;
use crate::frontends::pipelines::resources::{Object, REFERENCE, below, field, text};
use crate::frontends::scripts::shell::Dialect;
use crate::model::{Block, BlockKind, Call, Expr, GateDecl, GateKind, HOLE, Item, Program, Target, Unit, UnitId, UnitKind};

/// Most actions of one stage.
const MAX_ACTIONS: usize = 200;

/// What the actions of a stage do, in the order in which they run.
pub(super) fn read(
    stage: &Data,
    pipeline: &Object,
    projects: &mut [Project],
    job: &mut Unit,
    input: &Input<'_>,
    program: &mut Program,
) {
    let actions = field(stage, "actions").or_else(|| field(stage, "action")).map(Data::one_or_many).unwrap_or_default();
    let mut all: Vec<&Data> = actions.iter().take(MAX_ACTIONS).collect();
    all.sort_by_key(|a| field(a, "run_order").and_then(Data::str).and_then(|n| n.parse::<u32>().ok()).unwrap_or(1));
    for action in all {
        let item = Action { data: action, pipeline, input }.item(projects, program, job);
        job.body.extend(item);
    }
}

struct Action<'a> {
    data: &'a Data,
    pipeline: &'a Object,
    input: &'a Input<'a>,
}

impl Action<'_> {
    /// A key of the action's type, in either form.
    fn of_type(&self, key: &str) -> &str {
        text(self.data, key).or_else(|| field(self.data, "action_type_id").and_then(|t| text(t, key))).unwrap_or("")
    }

    fn name(&self) -> String {
        let name = text(self.data, "name").unwrap_or("").replace(HOLE, "");
        if name.is_empty() { self.of_type("provider").to_owned() } else { name }
    }

    fn setting(&self, key: &str) -> Option<&Data> {
        field(self.data, "configuration").and_then(|c| field(c, key))
    }

    fn item(&self, projects: &mut [Project], program: &mut Program, job: &mut Unit) -> Option<Item> {
        let (category, provider) = (self.of_type("category"), self.of_type("provider"));
        match (category, provider) {
            ("Approval", _) => {
                Some(Item::Gate(GateDecl { kind: GateKind::Approval, span: self.data.item, name: self.name(), blocking: true }))
            }
            ("Source", _) => Some(self.built_in(program)),
            (_, "CodeBuild") => Some(self.build(projects, program)),
            (_, "Commands") => {
                let lines = field(self.data, "commands")?;
                let nothing = |_: &str| Vec::new();
                let mut reader = Reader::new(self.input.catalogue, program, VENDOR, &nothing);
                let mut block = Block::new(BlockKind::Step, self.data.item);
                block.items = reader.lines(lines, Dialect::Posix);
                job.functions.append(&mut reader.functions);
                Some(Item::Block(Box::new(block)))
            }
            (_, "CodeDeploy") => {
                let mut block = Block::new(BlockKind::Step, self.data.item);
                block.items.push(self.built_in(program));
                if let Some(unit) = hooks(program) {
                    let group = self.setting("deployment_group_name").filter(|g| g.tag.is_none()).and_then(Data::str);
                    let names = ["env.DEPLOYMENT_GROUP_NAME", "env.ENVIRONMENT"];
                    let bind = group.map(|g| names.map(|n| (n.to_owned(), Expr::lit(g))).to_vec()).unwrap_or_default();
                    let (span, text) = (self.data.item, self.name());
                    block.items.push(Item::Call(Box::new(Call {
                        target: Target::Unit(unit),
                        bind,
                        isolated: false,
                        span,
                        text,
                    })));
                }
                Some(Item::Block(Box::new(block)))
            }
            (_, "") => None,
            _ => Some(self.built_in(program)),
        }
    }

    fn built_in(&self, program: &mut Program) -> Item {
        let nothing = |_: &str| Vec::new();
        let mut reader = Reader::new(self.input.catalogue, program, VENDOR, &nothing);
        let pairs = field(self.data, "configuration").map(Data::pairs).unwrap_or_default();
        let given =
            |p: &&Pair| p.value.str().is_some_and(|t| t.chars().any(|c| c != HOLE)) && p.value.tag.as_deref() != Some(REFERENCE);
        let inputs: Vec<(String, Data)> = pairs.iter().filter(given).map(|p| (p.key.to_string(), plain(&p.value))).collect();
        let text = format!("{}: {}", self.of_type("provider"), self.name());
        let name = format!("{}/{}", self.of_type("category"), self.of_type("provider"));
        reader.built_in(&name, self.of_type("version"), &inputs, self.data.item, &text)
    }

    /// An action of CodeBuild: what its project builds by, with the action's variables over the project's.
    fn build(&self, projects: &mut [Project], program: &mut Program) -> Item {
        let named = self.setting("project_name");
        let near = |p: &&mut Project| super::near(p.object, self.pipeline);
        let project = named.and_then(|n| projects.iter_mut().filter(near).find(|p| p.object.is_meant_by(n)));
        let overriding = self.setting("buildspec_override");
        let mut bind = Vec::new();
        let mut unit = None;
        let mut called = self.name();
        if let Some(project) = project {
            project.used = true;
            bind.clone_from(&project.bind);
            unit = project.unit;
            called.clone_from(&project.name);
        }
        if overriding.is_some() {
            unit = built_by(overriding, &called, self.pipeline, "", self.input, program).0;
        }
        bind.extend(variables_of_action(self.setting("environment_variables")));
        let (span, text) = (self.data.item, format!("CodeBuild: {}", self.name()));
        let mut block = Block::new(BlockKind::Step, span);
        block.name = Some(self.name());
        block.items.push(if let Some(unit) = unit {
            Item::Call(Box::new(Call { target: Target::Unit(unit), bind, isolated: false, span, text }))
        } else {
            let known = bind.into_iter().filter(|(_, e)| !matches!(e, Expr::Unknown(_))).collect();
            Item::external(VENDOR, format!("CodeBuild/{}", self.name()), "", known, span, text)
        });
        Item::Block(Box::new(block))
    }
}

/// A value without the artifact that it is a file of: `Build::template.yaml`.
fn plain(value: &Data) -> Data {
    match value.str().and_then(|t| t.split_once("::")) {
        Some((artifact, path)) if !artifact.contains([' ', '/', '{']) => Data::scalar_at(path, value.span),
        _ => value.clone(),
    }
}

/// What the only specification of deployments does on hosts.
fn hooks(program: &Program) -> Option<UnitId> {
    let mut all = ["appspec.yml", "appspec.yaml"].iter().filter_map(|name| known(name, program));
    let first = all.next()?;
    (all.next().is_none() && program.unit(first).kind == UnitKind::Action).then_some(first)
}

/// Where the source of an action leads: its branch, and whether changes of it are looked for.
pub(super) fn source(action: &Data) -> Option<&Data> {
    let category = text(action, "category").or_else(|| below(action, &["action_type_id", "category"]).and_then(Data::str));
    (category == Some("Source")).then_some(action)
}
