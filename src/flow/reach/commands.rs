//! Commands in a context: what each is, and where its call leads.

use super::builtins::starts_pipeline;
use super::calls::Folder;
use super::frame::Frame;
use super::resolve::starts_a_server;
use super::{MAX_VARIANTS, Reach};
use crate::catalogue::{Action, Class, Inner, Role, Trait, WrapKind};
use crate::model::{Command, Confidence, Expr, Flag, HOLE, Stage, UnitKind, Value, Wrapper};
use std::collections::BTreeSet;

/// At most so many wrappers are taken off a command that a variable names.
const MAX_WRAPPERS: usize = 4;

/// Wrappers that run a command in every stack below the folder.
const RUN_EVERYWHERE: &[&str] = &["terramate"];

impl Reach<'_> {
    /// A command, for each of the values its words may have.
    pub(super) fn command(&mut self, command: &Command, frame: &mut Frame) {
        let mut inner = None;
        if !command.assigns.is_empty() {
            let mut f = frame.clone();
            for (name, e) in &command.assigns {
                let value = e.eval(&f.scope);
                f.scope.set(name.clone(), value);
            }
            inner = Some(f);
        }
        let values: Vec<Value> = command.words.iter().map(|w| w.eval(&inner.as_ref().unwrap_or(frame).scope)).collect();
        for mut words in variants(&command.words, &values) {
            split_variables(command, &mut words);
            let unwrapped = self.unwrapped(command, &mut words);
            let command = unwrapped.as_ref().unwrap_or(command);
            match &mut inner {
                Some(f) => {
                    self.simple(command, &words, f);
                    frame.goes_on_after(f);
                }
                None => self.simple(command, &words, frame),
            }
        }
    }

    /// A wrapper that a variable names (`$DOCKER run IMAGE make`), taken off; none where there is none.
    fn unwrapped(&self, command: &Command, words: &mut Vec<String>) -> Option<Command> {
        if !matches!(command.words.first(), Some(Expr::Var(_))) {
            return None;
        }
        let mut out: Option<Command> = None;
        for _ in 0..MAX_WRAPPERS {
            let Some(unwrap) = self.catalogue.wrapper(words) else { break };
            let Inner::Words(from) = unwrap.inner else { break };
            let subject = unwrap.subject.and_then(|at| words.get(at)).map(|w| Expr::lit(w.as_str()));
            let subject = subject.unwrap_or_else(|| Expr::Unknown(unwrap.name.clone()));
            let wrapper = match unwrap.kind {
                WrapKind::Plain => Wrapper::Plain(unwrap.name),
                WrapKind::Remote => Wrapper::Remote(subject),
                WrapKind::Container => Wrapper::Container(subject),
                WrapKind::ComposeService => Wrapper::ComposeService(subject),
                WrapKind::Pod => Wrapper::Pod(subject),
            };
            out.get_or_insert_with(|| command.clone()).wrappers.push(wrapper);
            words.drain(..from.min(words.len()));
        }
        out.filter(|_| !words.is_empty())
    }

    /// One command. Where its result is ignored (`A || true`), so is that of all it calls.
    fn simple(&mut self, command: &Command, words: &[String], frame: &mut Frame) {
        let before = frame.ignored;
        frame.ignored |= command.logic.ignored;
        self.one_command(command, words, frame);
        frame.ignored = before;
    }

    fn one_command(&mut self, command: &Command, words: &[String], frame: &mut Frame) {
        let Some(program) = words.first().filter(|p| !p.is_empty()) else { return };
        if words.len() == 2 && matches!(words[1].as_str(), "--version" | "--help" | "-V" | "-h" | "version") {
            return;
        }
        let remote = command.wrappers.iter().any(|w| matches!(w, Wrapper::Remote(_)));
        let container = command.wrappers.iter().rev().find_map(|w| match w {
            Wrapper::Container(image) => Some(image.eval(&frame.scope).shown()),
            _ => None,
        });
        if program.chars().all(|c| c == HOLE) && container.is_none() {
            if !frame.by_hand() && !command.logic.captured {
                self.unresolved(frame, command.span, "the program is a variable".to_owned(), Vec::new());
            }
            return;
        }
        if let Some(function) = frame.functions.get(program.as_str()).copied() {
            self.enter_unit(function, frame, command.span, Some(&words[1..]), &[], Folder::Caller);
            return;
        }
        if self.wrapped_task(command, words, frame).is_some() {
            return;
        }
        // What runs in a container is one step, at its call.
        let left = if contained(command) { None } else { self.own_tasks(words, command.span, frame) };
        let words = left.as_deref().unwrap_or(words);
        if left.is_some() && self.positional(words).is_empty() {
            return;
        }
        let own_service = command.wrappers.iter().any(|w| matches!(w, Wrapper::ComposeService(_)));
        let in_service = if own_service { self.in_service(command, words, frame) } else { None };
        let words = in_service.as_deref().unwrap_or(words);
        let mut class = self.class_of(words);
        if !class.as_ref().is_some_and(|c| matches!(c.action, Action::Step(_)))
            && let Some(by_image) = self.class_of_image(words, container.as_deref(), frame)
        {
            class = Some(by_image);
        }
        if own_service && frame.job.is_some() {
            self.run_compose(command, frame);
        }
        if command
            .wrappers
            .iter()
            .any(|w| matches!(w, Wrapper::Plain(name) if name.split(' ').next().is_some_and(|p| RUN_EVERYWHERE.contains(&p))))
        {
            class = class.map(Class::recursive);
        }
        let Some(class) = class.or_else(|| (own_service && frame.job.is_some()).then(|| own_program(program))) else { return };
        self.works_on(&class, words, frame);
        self.login(&class, frame);
        let class = self.by_sessions(words, class, frame);
        let class = self.with_bound(words, class, command.span, frame);
        let Some((class, whole)) = self.rendered(class, command, words, frame) else { return };
        let command = whole.as_ref().unwrap_or(command);
        let class =
            if class.is(Trait::ByPlan) { self.with_plans(class.clone(), &self.asked_for(words, &class), frame) } else { class };
        match class.action.clone() {
            Action::Glue => self.glue(command, words, &class, frame),
            Action::Step(_)
                if class.is(Trait::StartsPipeline) && self.start_pipeline(words, &class, command.span, frame).is_some() => {}
            Action::Step(stage) => self.step(command, words, &class, stage, frame),
            Action::Resolve { resolver, by_name } => {
                // A task's name says more than its runner.
                let named =
                    if resolver == "task-runner" { self.catalogue.words().stage(&self.called_name(words, &class)) } else { None };
                let by_name = named.or(by_name);
                if remote && matches!(resolver.as_str(), "script" | "helper") {
                    // A script on a host that has its own copy (ruling 25): the call is the step.
                    self.emit_command(command, &class, by_name.unwrap_or(Stage::Deploy), frame, BTreeSet::new());
                    frame.deployed = true;
                } else if contained(command) || resolver == "compose" {
                    // A script of the repository in a container that has the repository is resolved like any other.
                    let own = resolver == "script" && words[0].contains('/');
                    if own && self.resolve(&resolver, words, &class, command.span, frame).is_some_and(|steps| steps > 0) {
                        return;
                    }
                    // What the service's image was built from stands in its working folder.
                    if own && let Some(context) = self.service_context(command, frame) {
                        let mut inside = Frame { dir: Some(context), ..frame.clone() };
                        if self.resolve(&resolver, words, &class, command.span, &mut inside).is_some_and(|steps| steps > 0) {
                            frame.deployed |= inside.deployed;
                            return;
                        }
                    }
                    self.contained_call(command, words, &class, by_name, frame);
                } else {
                    let steps = self.resolve(&resolver, words, &class, command.span, frame);
                    if steps.is_none()
                        && matches!(resolver.as_str(), "npm" | "npm-names")
                        && let Some((tool_words, tool)) = self.installed(words)
                    {
                        match tool.action {
                            Action::Step(stage) => return self.step(command, &tool_words, &tool, stage, frame),
                            Action::Glue => return self.glue(command, &tool_words, &tool, frame),
                            Action::Resolve { .. } => {}
                        }
                    }
                    if steps != Some(0) && steps.is_some() {
                        return;
                    }
                    if steps.is_none() || by_name.is_some() || resolver == "script" {
                        self.by_name(command, words, &class, by_name, steps.is_some(), frame);
                    }
                }
            }
        }
    }

    /// `yarn eslint .` where the package has no such script: the program that the package manager installed; and what
    /// `start-server-and-test` runs where that is a command.
    fn installed(&self, words: &[String]) -> Option<(Vec<String>, Class)> {
        let inner: Vec<String> = if starts_a_server(words) {
            words.last()?.split_whitespace().map(ToOwned::to_owned).collect()
        } else if matches!(words.first().map(String::as_str), Some("yarn" | "pnpm" | "bun")) {
            words.get(1..)?.to_vec()
        } else {
            return None;
        };
        let class = self.catalogue.command(&inner)?;
        Some((inner, class))
    }

    /// A program of the image's own: the call is the step, staged by what it says (rulings 20 and 37).
    fn contained_call(&mut self, command: &Command, words: &[String], class: &Class, by_name: Option<Stage>, frame: &mut Frame) {
        let name = self.called_name(words, class);
        let unit = self.program.unit(frame.unit);
        let words_of = self.catalogue.words();
        let around =
            || if matches!(unit.kind, UnitKind::Target | UnitKind::NpmScript) { words_of.stage(&unit.name) } else { None };
        let named = by_name.or_else(|| words_of.stage(&name)).or_else(around);
        let in_compose = !command.wrappers.iter().any(|w| matches!(w, Wrapper::Container(_)));
        let stage = match named {
            Some(stage @ (Stage::Check | Stage::Test | Stage::Scan | Stage::Build | Stage::Package | Stage::Publish)) => {
                Some(stage)
            }
            // What an own program does in a container that is thrown away builds an artifact; what one of another
            // repository does is told by its name.
            Some(stage) if in_compose && !self.knows_service(command, frame) => Some(stage),
            _ if in_compose && frame.job.is_some() && command.wrappers.iter().all(|w| !matches!(w, Wrapper::Pod(_))) => {
                Some(Stage::Build)
            }
            other => other,
        };
        match stage {
            Some(stage) => {
                let flags = if by_name.is_some() { BTreeSet::new() } else { BTreeSet::from([Flag::ByName]) };
                self.emit_command(command, class, stage, frame, flags);
            }
            None => self.by_name(command, words, class, None, false, frame),
        }
    }

    /// A call that could not be resolved, or that holds no classified command (it was `read`): a step if its name says a stage
    /// clearly.
    fn by_name(
        &mut self,
        command: &Command,
        words: &[String],
        class: &Class,
        by_name: Option<Stage>,
        read: bool,
        frame: &mut Frame,
    ) {
        let name = self.called_name(words, class);
        let in_document = self.program.unit(frame.unit).kind == UnitKind::Document;
        // Makefiles that cmake or configure write while an image is built; those of other repositories' sources make a tool.
        let compiles = class.tool == "make"
            && self.program.unit(frame.unit).kind == UnitKind::Dockerfile
            && !frame.workspace.has_others()
            && self.positional(words).iter().all(|goal| matches!(goal.as_str(), "all" | "install" | "build"));
        let by_name = by_name.or_else(|| self.catalogue.words().stage(&name)).or(compiles.then_some(Stage::Build));
        let stage = by_name.filter(|s| {
            // A document's call of an own program counts only where its name says that it ships something.
            let own_file = name.starts_with("./") || name.ends_with(".sh") || class.tool == "make" || class.tool == "npm";
            !in_document || (own_file && matches!(s, Stage::Deploy | Stage::Publish))
        });
        match stage {
            Some(stage) if !self.catalogue.words().local(&name) => {
                let mut flags = BTreeSet::from([Flag::ByName]);
                if stage == Stage::Deploy
                    && matches!(&class.action, Action::Resolve { resolver, .. } if starts_pipeline(resolver))
                {
                    flags.insert(Flag::Elsewhere);
                }
                self.emit_command(command, class, stage, frame, flags);
                frame.deployed |= stage == Stage::Deploy;
            }
            _ if !read && !frame.by_hand() && !command.logic.captured => {
                let file = class.role(Role::File).next().filter(|f| !f.trim_matches(HOLE).is_empty());
                let name = file.map_or_else(|| command.text.clone(), |f| f.replace(HOLE, "…"));
                let called =
                    class.role(Role::File).next().or(words.first().map(String::as_str)).filter(|f| f.contains(['/', '.']));
                let candidates = called.map(|f| self.links.candidates(f, frame.dir.as_deref(), &frame.home)).unwrap_or_default();
                let here = candidates.iter().find(|p| self.sources.paths.contains(*p));
                let task =
                    matches!(&class.action, Action::Resolve { resolver, .. } if self.names_task(resolver, words, class, frame));
                let why = if here.is_some() || task {
                    format!("what `{}` does is code that is not read", short(&name))
                } else {
                    format!("what `{}` does is not in this repository", short(&name))
                };
                // A program among the tests takes nothing anywhere.
                if here.is_some_and(|path| self.catalogue.words().fixture_path(path)) {
                    self.found.unknowns.insert(command.span, why);
                    return;
                }
                let hints = self.hints_of(class, frame);
                self.unresolved(frame, command.span, why, hints);
            }
            _ => {}
        }
    }

    /// The name by which a call says what it starts: the file, else the target or script.
    fn called_name(&self, words: &[String], class: &Class) -> String {
        if let Some(file) = class.role(Role::File).next() {
            return file.to_owned();
        }
        if let Some(event) = words.iter().find_map(|w| event_type(w)) {
            return event.to_owned();
        }
        // A program called by its path says by itself what it does, not by what it is given.
        if let Some(path) = words.first().filter(|w| w.contains('/')) {
            return path.clone();
        }
        if matches!(&class.action, Action::Resolve { resolver, .. } if resolver == "rake") {
            // `rake task[arguments]`: what a task is given says nothing of its stage.
            let task = words.iter().skip(1).find(|w| !w.starts_with('-') && !w.contains('='));
            let task = task.or_else(|| words.iter().skip(1).find(|w| w.contains('[')));
            return task.and_then(|t| t.split('[').next()).unwrap_or_default().to_owned();
        }
        if starts_a_server(words) {
            return words.last().cloned().unwrap_or_default();
        }
        let own: Vec<&str> =
            words.iter().skip(1).map(String::as_str).filter(|w| !w.starts_with('-') && !w.contains('=')).collect();
        match own.first() {
            // Nor what an interpreter's script is given.
            Some(first) if first.contains('/') && first.ends_with(".sh") => (*first).to_owned(),
            Some(first) if !first.contains(HOLE) => own.iter().take(2).copied().collect::<Vec<_>>().join(" "),
            Some(_) => String::new(),
            None => words.first().cloned().unwrap_or_default(),
        }
    }

    /// A login to a cluster ends the assumption that a testing job works on something local. One that names an environment
    /// says it for the commands after it.
    pub(super) fn login(&self, class: &Class, frame: &mut Frame) {
        frame.cloud_login |= class.is(Trait::CloudLogin);
        let cluster = ["kubeconfig", "get-credentials", "set-context", "eks", "gke", "aks", "cluster login"];
        if frame.test_job && class.action == Action::Glue && cluster.iter().any(|c| class.row.contains(c)) {
            frame.test_job = false;
        }
        if class.action == Action::Glue
            // A cluster that is called `live` may hold all environments.
            && let Some(name) = class.role(Role::Environment).filter(|v| *v != "live").find_map(|v| self.environment_in(v))
        {
            frame.login = Some(name);
        }
    }
}

/// A variable that stands alone as a word holds as many words as its value has.
fn split_variables(command: &Command, words: &mut Vec<String>) {
    if !command.words.iter().zip(words.iter()).any(|(e, w)| matches!(e, Expr::Var(_)) && w.contains(' ')) {
        return;
    }
    let old = std::mem::take(words);
    for (i, word) in old.into_iter().enumerate() {
        match command.words.get(i) {
            Some(Expr::Var(_)) if word.contains(' ') => words.extend(word.split_whitespace().map(ToOwned::to_owned)),
            _ => words.push(word),
        }
    }
}

/// The values of a command's words: one line each, at most [`MAX_VARIANTS`]. Words that read the same names change together
/// (`make promote-$ENV check-$ENV`).
fn variants(words: &[Expr], values: &[Value]) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = vec![Vec::with_capacity(values.len())];
    let mut names_before: Option<Vec<&str>> = None;
    for (word, value) in words.iter().zip(values) {
        if let Value::OneOf(options) = value {
            let mut names = Vec::new();
            word.names(&mut names);
            if names_before.as_ref() == Some(&names) && all.len() == options.len() {
                for (line, option) in all.iter_mut().zip(options) {
                    line.push(option.clone());
                }
                continue;
            }
            names_before = names_before.or(Some(names));
        }
        let options = match value {
            Value::OneOf(options) if all.len() * options.len() <= MAX_VARIANTS => options.clone(),
            other => vec![other.shown()],
        };
        if options.len() == 1 {
            for words in &mut all {
                words.push(options[0].clone());
            }
        } else {
            all = all.iter().flat_map(|w| options.iter().map(move |o| w.iter().cloned().chain([o.clone()]).collect())).collect();
        }
    }
    all
}

/// A name for a message: its first line, not too long.
fn short(name: &str) -> String {
    let line = name.lines().next().unwrap_or("");
    let mut out: String = line.chars().take(60).collect();
    if out.len() < line.len() {
        out.push('…');
    }
    out
}

/// The event by which a request starts a pipeline (`"event_type": "deploy"`, `event_type=deploy`).
fn event_type(word: &str) -> Option<&str> {
    let rest = word.split_once("event_type")?.1.trim_start_matches(|c: char| c.is_whitespace() || "\"'=:\\".contains(c));
    let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|name| !name.is_empty())
}

/// A program of a compose service's own image.
fn own_program(program: &str) -> Class {
    Class {
        tool: "docker-compose".to_owned(),
        row: format!("docker compose run {program}"),
        action: Action::Resolve { resolver: "compose".to_owned(), by_name: None },
        kind: None,
        also: Vec::new(),
        roles: Vec::new(),
        traits: Vec::new(),
        confidence: Confidence::Likely,
    }
}

/// Whether a command runs in a container of an image or of a compose service.
fn contained(command: &Command) -> bool {
    command.wrappers.iter().any(|w| matches!(w, Wrapper::Container(_) | Wrapper::ComposeService(_)))
}
