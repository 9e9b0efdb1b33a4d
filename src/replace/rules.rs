//! Rules: the form of `replacements/*.yaml`, and the rules ready to be asked (`grammars/replacements.md`).

use super::conditions::Condition;
use super::dockerfile::Instructions;
use super::fault::{Fault, meant};
use super::fields::Field;
use super::matching::Bindings;
use super::needs::Reach;
use super::paths::Paths;
use super::pattern::{Pattern, TakesValue};
use super::scripts::Script;
use super::template::Template;
use crate::source::SourceFile;
use crate::syntax::yaml;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A rule as its file writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RuleForm {
    /// What to do, in one line.
    pub title: String,
    /// Why, in a sentence or two.
    #[serde(default)]
    pub why: String,
    /// One pattern of shell.
    #[serde(default)]
    pub pattern: Option<String>,
    /// A tree of leaves.
    #[serde(default, rename = "match")]
    pub tree: Option<Value>,
    /// Conditions.
    #[serde(default, rename = "where")]
    pub conditions: Vec<Value>,
    /// The command that takes its place.
    #[serde(default)]
    pub replace: Option<String>,
    /// What to do, in words.
    #[serde(default, rename = "do")]
    pub advice: Option<String>,
    /// Several patterns, each with what takes its place.
    #[serde(default)]
    pub cases: Vec<CaseForm>,
    /// An example before.
    #[serde(default)]
    pub before: Option<String>,
    /// An example after.
    #[serde(default)]
    pub after: Option<String>,
    /// The tool and its first version with the option.
    #[serde(default)]
    pub since: Option<String>,
    /// `exact`, or what differs.
    #[serde(default)]
    pub equivalence: String,
    /// Whether the edit may be applied unseen.
    #[serde(default)]
    pub fix: FixForm,
    /// How sure it is.
    pub confidence: ConfidenceForm,
    /// Whether it replaces a script.
    #[serde(default)]
    pub kind: KindForm,
    /// The option's documentation.
    #[serde(default)]
    pub docs: String,
    /// What must match.
    #[serde(default)]
    pub matches: Vec<Example>,
    /// What must not.
    #[serde(default)]
    pub near_misses: Vec<Example>,
}

/// The examples of a built-in rule, which are packed apart.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Examples {
    /// What must match.
    pub matches: Vec<Example>,
    /// What must not.
    pub near_misses: Vec<Example>,
}

/// What is known of a built-in rule before its file is read.
#[derive(Clone, Debug, Deserialize)]
pub struct Head {
    /// What it is about.
    pub kind: KindForm,
    /// How sure it is.
    pub confidence: ConfidenceForm,
    /// Where it may meet something.
    pub reach: Reach,
}

/// One of several cases of a rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CaseForm {
    /// One pattern of shell.
    #[serde(default)]
    pub pattern: Option<String>,
    /// A tree of leaves.
    #[serde(default, rename = "match")]
    pub tree: Option<Value>,
    /// Conditions beside the rule's own.
    #[serde(default, rename = "where")]
    pub conditions: Vec<Value>,
    /// The command that takes its place.
    #[serde(default)]
    pub replace: Option<String>,
    /// What to do, in words.
    #[serde(default, rename = "do")]
    pub advice: Option<String>,
}

/// An example: a script, or files by path.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Example {
    /// A shell script.
    Script(String),
    /// Files of a repository.
    Files(BTreeMap<String, String>),
}

/// Whether a fix may be applied unseen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FixForm {
    /// It may.
    Safe,
    /// A person looks first.
    #[default]
    Suggestion,
}

/// How sure a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConfidenceForm {
    /// Only when selected.
    Low,
    /// A suggestion.
    Medium,
    /// On.
    High,
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KindForm {
    /// A script that an option replaces.
    #[default]
    Replace,
    /// Better style that replaces no script.
    Hygiene,
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// `<tool>/<name>`
    pub id: String,
    /// The tool's or vendor's folder.
    pub tool: String,
    /// As it is written.
    pub form: RuleForm,
    /// What it looks for, at least one.
    pub cases: Vec<Unread>,
}

/// A case that is read where something of the repository may meet it: most never are, and reading takes longer than asking.
#[derive(Debug)]
pub struct Unread {
    form: CaseForm,
    /// Where it may meet something.
    pub reach: Reach,
    case: OnceLock<Option<Case>>,
}

impl Unread {
    /// The cases of a form: of a tree of alternatives each is one.
    fn each(form: CaseForm) -> Vec<Self> {
        let one = |form: CaseForm| {
            let reach = Reach::of_case(form.pattern.as_deref(), form.tree.as_ref(), &form.conditions);
            Self { form, reach, case: OnceLock::new() }
        };
        let several = form.tree.as_ref().and_then(|t| t.get("any")).and_then(Value::as_array);
        let Some(several) = several.filter(|_| form.pattern.is_none()) else { return vec![one(form)] };
        several.iter().map(|tree| one(CaseForm { tree: Some(tree.clone()), ..form.clone() })).collect()
    }

    /// The case; none where it cannot be read, which `Rule::read` says.
    pub fn read(&self, takes_value: TakesValue<'_>) -> Option<&Case> {
        self.case.get_or_init(|| Case::new(&self.form, takes_value).ok()).as_ref()
    }
}

/// What a rule looks for, and what takes its place.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it looks for.
    pub tree: Tree,
    /// What must hold.
    pub conditions: Vec<Condition>,
    /// What takes its place.
    pub replace: Option<Template>,
    /// What to do, in words.
    pub advice: Option<String>,
}

impl Case {
    /// Whether a script stands where the conditions want it.
    pub fn fits(&self, script: &Script<'_>) -> bool {
        self.conditions.iter().all(|c| if let Condition::In(places) = c { script.stands_in(places) } else { true })
    }

    /// Look up the rows of tables for what the holes took; whether each look-up has one.
    pub fn join(&self, bindings: &mut Bindings) -> bool {
        self.conditions.iter().all(|c| if let Condition::Row(lookup) = c { lookup.join(bindings) } else { true })
    }

    fn new(form: &CaseForm, takes_value: TakesValue<'_>) -> Result<Self, Fault> {
        let tree = match (&form.pattern, &form.tree) {
            (Some(pattern), None) => {
                Tree::Shell(Pattern::read(pattern, takes_value).map_err(|e| Fault::new(e).under("pattern"))?)
            }
            (None, Some(tree)) => Tree::read(tree, takes_value).map_err(|e| Fault::new(e).under("match"))?,
            _ => return Err(Fault::new("a rule, or each of its cases, has either `pattern` or `match`")),
        };
        let conditions = conditions(&form.conditions, takes_value)?;
        if tree.is_of_files() && !conditions.iter().all(Condition::is_of_files) {
            let text = "where a leaf is `dockerfile` or `yaml`, conditions are about files and holes: literal, uses, has-file, \
                        no-file, hole, path";
            return Err(Fault::new(text).under("where"));
        }
        let replace = form.replace.as_deref().map(Template::read).transpose();
        let replace = replace.map_err(|e| Fault::new(e).under("replace"))?;
        let advice = form.advice.clone();
        if replace.is_none() && advice.is_none() {
            return Err(Fault::new("a rule, or each of its cases, has `replace` or `do`"));
        }
        Ok(Self { tree, conditions, replace, advice })
    }
}

fn conditions(all: &[Value], takes_value: TakesValue<'_>) -> Result<Vec<Condition>, Fault> {
    let one = |(index, value)| Condition::read(value, takes_value).map_err(|e| Fault::new(e).item(index).under("where"));
    all.iter().enumerate().map(one).collect()
}

/// What a rule looks for.
#[derive(Clone, Debug)]
pub enum Tree {
    /// All of these; the place is that of the first that has one.
    All(Vec<Tree>),
    /// One of these.
    Any(Vec<Tree>),
    /// Not this, anywhere in the repository.
    Not(Box<Tree>),
    /// Shell, in scripts of any kind.
    Shell(Pattern),
    /// Shell in a task of Ansible.
    Task(Pattern),
    /// Instructions of a Dockerfile.
    Dockerfile(Instructions),
    /// A field of a YAML file.
    Yaml(Box<Field>),
    /// A file of the repository.
    File(Paths),
}

/// The leaves and branches of a tree.
const LEAVES: &[&str] = &["all", "any", "not", "shell", "task", "dockerfile", "yaml", "file"];

impl Tree {
    /// Whether it may give a place that is in no script.
    fn is_of_files(&self) -> bool {
        match self {
            Self::All(all) | Self::Any(all) => all.iter().any(Self::is_of_files),
            Self::Dockerfile(_) | Self::Yaml(_) => true,
            Self::Not(_) | Self::Shell(_) | Self::Task(_) | Self::File(_) => false,
        }
    }

    fn read(value: &Value, takes_value: TakesValue<'_>) -> Result<Self, String> {
        let Some((key, inner)) = value.as_object().filter(|o| o.len() == 1).and_then(|o| o.iter().next()) else {
            return Err("a leaf is one key with its value".to_owned());
        };
        let all = || -> Result<Vec<Self>, String> {
            let list = inner.as_array().ok_or(format!("`{key}` takes a list"))?;
            list.iter().map(|v| Self::read(v, takes_value)).collect()
        };
        let text = || inner.as_str().ok_or(format!("`{key}` takes a text"));
        Ok(match key.as_str() {
            "all" => Self::All(all()?),
            "any" => Self::Any(all()?),
            "not" => Self::Not(Box::new(Self::read(inner, takes_value)?)),
            "shell" => Self::Shell(Pattern::read(text()?, takes_value)?),
            "task" => Self::Task(Pattern::read(text()?, takes_value)?),
            "dockerfile" => Self::Dockerfile(Instructions::read(text()?, takes_value)?),
            "yaml" => Self::Yaml(Box::new(Field::read(inner, takes_value)?)),
            "file" => Self::File(Paths::new(text()?)?),
            other => {
                let hint = meant(other, LEAVES);
                return Err(format!("`{other}` is no leaf: {}{hint}", LEAVES.join(", ")));
            }
        })
    }
}

impl Rule {
    /// A rule from a file; its tool is the folder around `replacements`, else the folder it stands in. Errors: what is wrong with
    /// it, and the byte at which that stands.
    pub fn read(file: &SourceFile, takes_value: TakesValue<'_>) -> Result<Self, (u32, Fault)> {
        let tree = yaml::parse(file);
        if let Some(fault) = tree.diagnostics.first() {
            return Err((fault.span.start, Fault::new(fault.message.clone())));
        }
        let root = tree.root().ok_or((0, Fault::new("the file is no YAML")))?;
        let at = |fault: Fault| (fault.offset(root), fault);
        let form: RuleForm = serde_json::from_value(root.to_value()).map_err(|e| at(Fault::new(e.to_string())))?;
        let mut folders: Vec<&str> = file.path.split(['/', '\\']).collect();
        let name = folders.pop().and_then(|n| n.split('.').next()).unwrap_or_default().to_owned();
        let known = |f: &&&str| !matches!(**f, "replacements" | "rules" | ".prodpath" | "");
        let tool = folders.iter().rev().find(known).copied().unwrap_or("own");
        faults(&form, takes_value).map_or(Ok(()), |fault| Err(at(fault)))?;
        Ok(Self::new(tool, &name, form))
    }

    /// A rule from its form, which is read where it is asked.
    pub fn new(tool: &str, name: &str, form: RuleForm) -> Self {
        let cases = case_forms(&form).into_iter().flat_map(Unread::each).collect();
        Self { id: format!("{tool}/{name}"), tool: tool.to_owned(), form, cases }
    }
}

/// The cases of a rule, each with what the rule says for all of them.
fn case_forms(form: &RuleForm) -> Vec<CaseForm> {
    let shared = |own: &[Value]| form.conditions.iter().chain(own).cloned().collect();
    if form.cases.is_empty() {
        return vec![CaseForm {
            pattern: form.pattern.clone(),
            tree: form.tree.clone(),
            conditions: shared(&[]),
            replace: form.replace.clone(),
            advice: form.advice.clone(),
        }];
    }
    let advice = |c: &CaseForm| c.advice.clone().or_else(|| form.advice.clone());
    form.cases.iter().map(|c| CaseForm { advice: advice(c), conditions: shared(&c.conditions), ..c.clone() }).collect()
}

/// What is wrong with a rule, first of all.
fn faults(form: &RuleForm, takes_value: TakesValue<'_>) -> Option<Fault> {
    if let Err(fault) = conditions(&form.conditions, takes_value) {
        return Some(fault);
    }
    for (index, case) in case_forms(form).iter().enumerate() {
        if let Err(fault) = Case::new(case, takes_value) {
            return Some(if form.cases.is_empty() { fault } else { fault.item(index).under("cases") });
        }
    }
    let examples = !form.matches.is_empty() && !form.near_misses.is_empty();
    (!examples).then(|| Fault::new("a rule has examples that match and near-misses that do not"))
}
