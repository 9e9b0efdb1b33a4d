//! Calls: steps (<https://www.jenkins.io/doc/pipeline/steps/>), methods of this repository, calls on objects.

use super::expression::bounded;
use super::openshift::chain_of;
use super::statements::in_loop;
use super::{Translator, VENDOR};
use crate::frontends::pipelines::runs;
use crate::model::{Block, BlockKind, Call as Called, Expr as Neutral, Item, Scope, Target, Value};
use crate::source::Span;
use crate::syntax::groovy::{Arg, Call, Closure, Expr, ExprKind};
use std::collections::BTreeMap;

/// Longest text of a step.
const MAX_TEXT: usize = 200;
/// Methods of lists that do something for each element.
const EACH: &[&str] =
    &["each", "eachWithIndex", "times", "collect", "collectEntries", "findAll", "every", "any", "forEach", "eachParallel"];
/// Objects of Jenkins and Groovy whose methods are no steps.
const OBJECTS: &[&str] = &[
    "env",
    "params",
    "currentBuild",
    "scm",
    "System",
    "Math",
    "Jenkins",
    "hudson",
    "jenkins",
    "manager",
    "log",
    "logger",
    "pom",
    "script",
    "this",
    "steps",
    "JsonOutput",
    "Integer",
    "String",
    "Boolean",
    "Thread",
    "build",
    "docker",
    "it",
    "body",
];

impl<'m> Translator<'m> {
    /// What an expression does. `statement`: nothing reads what it gives.
    pub(super) fn effects(&mut self, e: &'m Expr, statement: bool, out: &mut Vec<Item>) {
        match &e.kind {
            ExprKind::Call(call) => self.call(call, e.span, statement, out),
            ExprKind::Assign { target, how, value } => self.assign(target, *how, value, out),
            ExprKind::Text(quoted) => quoted.parts.iter().for_each(|p| self.effects(&p.expr, false, out)),
            ExprKind::Property { of, .. } => self.effects(of, false, out),
            ExprKind::Not(e) | ExprKind::Unary(e) => self.effects(e, false, out),
            ExprKind::Binary(_, a, b) | ExprKind::Elvis(a, b) => {
                self.effects(a, false, out);
                self.effects(b, false, out);
            }
            ExprKind::Ternary(c, a, b) => {
                self.effects(c, false, out);
                let condition = self.condition(c);
                for (e, when) in [(a, condition.clone()), (b, runs::not(condition))] {
                    let mut block = Block::new(BlockKind::Section, e.span);
                    block.when = when;
                    self.effects(e, statement, &mut block.items);
                    if !block.items.is_empty() {
                        out.push(Item::Block(Box::new(block)));
                    }
                }
            }
            ExprKind::Index { of, index } => {
                self.effects(of, false, out);
                for e in index {
                    self.effects(e, false, out);
                }
            }
            ExprKind::List(all) => all.iter().for_each(|e| self.effects(e, false, out)),
            ExprKind::Map(entries) => entries.iter().for_each(|a| self.effects(&a.value, false, out)),
            ExprKind::New { args, .. } => args.iter().for_each(|a| self.effects(&a.value, false, out)),
            ExprKind::Name(name) if statement => self.step_alone(name, e, out),
            ExprKind::Number(_)
            | ExprKind::Bool(_)
            | ExprKind::Null
            | ExprKind::Name(_)
            | ExprKind::Closure(_)
            | ExprKind::Unreadable => {}
        }
    }

    /// A name alone: a step without arguments is a call all the same (`checkout`).
    fn step_alone(&mut self, name: &str, e: &'m Expr, out: &mut Vec<Item>) {
        if name == "input" {
            out.push(self.asks(None, e.span));
        }
    }

    fn call(&mut self, call: &'m Call, span: Span, statement: bool, out: &mut Vec<Item>) {
        let own = matches!(call.receiver.as_ref().map(|r| r.path()).as_ref(), Some(Some(p)) if matches!(p.as_str(), "this" | "script" | "steps"));
        if call.receiver.is_some() && !own {
            self.on_object(call, statement, out);
            return;
        }
        match call.name.as_str() {
            "sh" | "bat" | "powershell" | "pwsh" => {
                if let Some(script) = call.named("script").or_else(|| call.positional().next()) {
                    self.effects(script, false, out);
                    out.extend(self.commands(script, &call.name));
                }
            }
            "pipeline" => {
                if let Some(closure) = call.body() {
                    self.declarative(closure, span, out);
                }
            }
            "stage" => self.scripted_stage(call, span, out),
            "parallel" => self.parallel(call, span, out),
            "input" => {
                let message = call.named("message").or_else(|| call.positional().next()).map(|e| self.label(e));
                out.push(self.asks(message, call.head));
            }
            "build" if call.named("job").or_else(|| call.positional().next()).is_some() => self.build_job(call, out),
            "load" => self.load(call, None, out),
            "error" => self.leave(Neutral::always(), true),
            "properties" => {
                if let Some(list) = call.positional().next() {
                    self.properties(list);
                }
            }
            _ => self.other_call(call, statement, out),
        }
    }

    /// What the arguments of a call do; objects that are made there are no steps.
    fn of_arguments(&mut self, call: &'m Call, out: &mut Vec<Item>) {
        self.arguments += 1;
        for arg in call.args.iter().filter(|a| !matches!(a.value.kind, ExprKind::Closure(_))) {
            self.effects(&arg.value, false, out);
        }
        self.arguments -= 1;
    }

    /// A step with a body, a method of this repository, another step.
    fn other_call(&mut self, call: &'m Call, statement: bool, out: &mut Vec<Item>) {
        self.of_arguments(call, out);
        if let Some(callee) = self.resolve(call) {
            self.call_of(&callee, call, out);
            return;
        }
        let Some(closure) = call.body() else {
            self.step(call, statement, out);
            return;
        };
        let mut block = Block::new(BlockKind::Section, call.head.to(closure.span));
        match call.name.as_str() {
            "dir" => {
                let folder = call.positional().next().or_else(|| call.named("path")).map(|e| self.value(e));
                block.items.extend(folder.map(Item::Chdir));
            }
            "withEnv" => block.bind = self.variables_of(call),
            "catchError" | "warnError" => block.continue_on_error = true,
            _ => {
                // A wrapper that logs in or does work of its own.
                self.step(call, false, out);
            }
        }
        let before = self.exits.len();
        let folders = self.folders;
        self.folders += usize::from(call.name == "dir");
        let mut items = self.body(&closure.body);
        self.folders = folders;
        if block.continue_on_error {
            self.exits.truncate(before);
        }
        if call.name == "waitUntil" {
            in_loop(&mut items, Some(closure.span));
        }
        let empty = items.is_empty();
        block.items.append(&mut items);
        if !empty {
            out.push(Item::Block(Box::new(block)));
        }
    }

    /// `withEnv(['A=b', "C=${d}"])`.
    fn variables_of(&mut self, call: &'m Call) -> Vec<(String, Neutral)> {
        let Some(ExprKind::List(all)) = call.positional().next().map(|e| &e.kind) else { return Vec::new() };
        let mut out = Vec::new();
        for e in all {
            let parts = match self.value(e) {
                Neutral::Concat(parts) => parts,
                other => vec![other],
            };
            let mut parts = parts.into_iter();
            if let Some(Neutral::Lit(first)) = parts.next()
                && let Some((name, value)) = first.split_once('=')
            {
                let value = std::iter::once(Neutral::lit(value)).chain(parts).filter(|p| p.literal() != Some("")).collect();
                out.push((format!("env.{name}"), bounded(Neutral::concat(value))));
            }
        }
        out
    }

    /// A call on an object. A step whose call others are chained to goes to the end of them, where they are no steps of
    /// their own.
    fn on_object(&mut self, call: &'m Call, statement: bool, out: &mut Vec<Item>) {
        let Some(receiver) = &call.receiver else { return };
        self.effects(receiver, false, out);
        let before = out.len();
        self.method_of(call, receiver, statement, out);
        if out.len() == before
            && let (Some(Item::BuiltIn(step)), Some(inner)) = (out.last_mut(), receiver.call())
            && step.span == inner.head
        {
            step.span = call.head;
            step.text = self.written(call.head);
        }
    }

    /// A call on an object that was read.
    fn method_of(&mut self, call: &'m Call, receiver: &'m Expr, statement: bool, out: &mut Vec<Item>) {
        self.of_arguments(call, out);
        if let Some(callee) = self.resolve(call) {
            self.call_of(&callee, call, out);
            return;
        }
        let path = receiver.path();
        if call.name == "push" && self.is_image(receiver) {
            let image = self.value(receiver);
            self.built_in("docker.image.push", call, vec![("image".to_owned(), image)], false, out);
            return;
        }
        if let (Some(map), "put", Some(ExprKind::Closure(closure))) =
            (&path, call.name.as_str(), call.positional().nth(1).map(|e| &e.kind))
        {
            let name = call.positional().next().map(|e| self.label(e)).unwrap_or_default();
            self.add_branch(map, name, closure);
            return;
        }
        if let Some(closure) = call.body() {
            self.with_closure(call, receiver, closure, out);
            return;
        }
        let full = chain_of(call).unwrap_or_default();
        if self.of_cluster(&full, call, out) {
            return;
        }
        if full == "docker.build" {
            let more = self.build_arguments(call);
            self.built_in("docker.build", call, more, false, out);
        } else if self.is_known(&full) {
            self.built_in(&full, call, Vec::new(), false, out);
        } else if let Some(path) = path {
            let root = path.split('.').next().unwrap_or(&path);
            let of_library = self.names.objects.contains(root) || !(self.names.local(root) || OBJECTS.contains(&root));
            let does = self.catalogue.words().stage(&call.name).is_some();
            if statement && of_library && does && !path.starts_with(char::is_uppercase) {
                self.library_call(call, out);
            }
        }
    }

    /// `list.each { … }`, `image.inside { … }`, `docker.withRegistry(…) { … }`.
    fn with_closure(&mut self, call: &'m Call, receiver: &'m Expr, closure: &'m Closure, out: &mut Vec<Item>) {
        let span = call.head.to(closure.span);
        if EACH.contains(&call.name.as_str()) {
            let variable = closure.params.first().map_or("it", |p| p.name.as_str());
            self.repeat(Some(variable), Some(receiver), &closure.body, span, out);
            return;
        }
        let full = chain_of(call).unwrap_or_default();
        if full.ends_with(".untilEach") {
            self.waits_for(&full, call, closure, out);
            return;
        }
        if self.is_known(&full) {
            self.built_in(&full, call, Vec::new(), false, out);
        }
        self.names.locals.extend(closure.params.iter().map(|p| p.name.clone()));
        let mut block = Block::new(BlockKind::Section, span);
        block.items = self.body(&closure.body);
        if !block.items.is_empty() {
            out.push(Item::Block(Box::new(block)));
        }
    }

    /// Whether an expression gives an image of the Docker plugin.
    fn is_image(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Name(name) | ExprKind::Property { name, .. } => self.names.images.contains(name),
            ExprKind::Call(call) => {
                matches!(call.name.as_str(), "build" | "image")
                    && call.receiver.as_ref().and_then(|r| r.path()).is_some_and(|p| p == "docker")
            }
            _ => false,
        }
    }

    /// What the second argument of `docker.build` says: `-f FILE … FOLDER`.
    fn build_arguments(&mut self, call: &'m Call) -> Vec<(String, Neutral)> {
        let text = call.positional().nth(1).map(|e| self.value(e).eval(&Scope::default()).shown()).unwrap_or_default();
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut out = Vec::new();
        if let Some(at) = words.iter().position(|w| *w == "-f" || *w == "--file")
            && let Some(file) = words.get(at + 1)
        {
            out.push(("file".to_owned(), Neutral::lit(*file)));
        }
        let dir = words.last().filter(|w| !w.starts_with('-')).copied().unwrap_or(".");
        out.push(("dir".to_owned(), Neutral::lit(dir)));
        out
    }

    /// Whether the tables know a step.
    pub(super) fn is_known(&self, name: &str) -> bool {
        !name.is_empty() && self.catalogue.builtin(VENDOR, name, "", &BTreeMap::new()).is_some()
    }

    /// A step that has no body, or whose body is read by itself.
    fn step(&mut self, call: &'m Call, statement: bool, out: &mut Vec<Item>) {
        let class = match call.name.as_str() {
            "step" | "wrap" => self.known(call, "$class", usize::MAX),
            _ => None,
        };
        let name =
            class.map_or_else(|| call.name.clone(), |class| format!("class:{}", class.rsplit('.').next().unwrap_or(&class)));
        if self.is_known(&name) {
            let more = if matches!(name.as_str(), "checkout" | "git" | "svn") { self.checkout(call) } else { Vec::new() };
            self.built_in(&name, call, more, false, out);
            return;
        }
        let local = self.names.local(&call.name) || call.name.starts_with(char::is_uppercase) || call.name.is_empty();
        if !local && self.arguments == 0 && (statement || self.catalogue.words().stage(&call.name).is_some()) {
            self.library_call(call, out);
        }
    }

    /// `build job: 'x'`: another pipeline of this repository, where a file has that name.
    fn build_job(&mut self, call: &'m Call, out: &mut Vec<Item>) {
        let job = call.named("job").or_else(|| call.positional().next()).map(|e| self.value(e).eval(&Scope::default()).shown());
        let Some(path) = job.as_ref().and_then(|job| self.jenkinsfile_of(job)) else {
            // The last part of the path may be the branch of a multibranch job.
            let name = job.filter(|j| !j.contains(crate::model::HOLE));
            let name = name.map(|j| j.trim_end_matches("/main").trim_end_matches("/master").to_owned());
            let more = name.map(|n| ("job".to_owned(), Neutral::Lit(n))).into_iter().collect();
            self.built_in("build", call, more, false, out);
            return;
        };
        self.started.insert(path.clone());
        let mut bind = Vec::new();
        if let Some(ExprKind::List(all)) = call.named("parameters").map(|e| &e.kind) {
            for e in all {
                let args: &[Arg] = match &e.kind {
                    ExprKind::Call(c) => &c.args,
                    ExprKind::Map(entries) => entries,
                    _ => continue,
                };
                if let (Some(name), Some(value)) = (self.entry(args, "name"), self.entry(args, "value"))
                    && let Some(name) = name.literal()
                {
                    bind.push((format!("params.{name}"), value));
                }
            }
        }
        let text = self.written(call.head);
        let target = Target::Pipeline(path);
        out.push(Item::Call(Box::new(Called { target, bind, isolated: true, span: call.head, text })));
    }

    /// `load 'x.groovy'`: what stands in it is done here; its methods are called through the variable.
    pub(super) fn load(&mut self, call: &'m Call, variable: Option<&str>, out: &mut Vec<Item>) {
        let path = call.positional().next().map(|e| self.value(e).eval(&Scope::default()));
        let wanted = path.as_ref().and_then(Value::known).unwrap_or("").trim_start_matches("./").to_owned();
        let modules = self.modules;
        let ends = |p: &str| !wanted.is_empty() && (p == wanted || p.ends_with(&format!("/{wanted}")));
        let found = (0..modules.len()).find(|i| ends(&modules[*i].file.path));
        if let Some(variable) = variable {
            self.names.locals.insert(variable.to_owned());
        }
        let Some(module) = found else {
            if let Some(variable) = variable {
                self.names.objects.insert(variable.to_owned());
            }
            out.push(Item::Unknown { span: call.head, why: format!("{} is not in this repository", self.written(call.head)) });
            return;
        };
        if let Some(variable) = variable {
            self.names.loaded.insert(variable.to_owned(), module);
        }
        if module != self.module && self.used.insert(module) {
            let outer = (self.module, self.names.clone());
            self.module = module;
            self.declare_methods(module);
            out.extend(self.body(&modules[module].script.statements));
            (self.module, self.names) = outer;
        }
    }

    /// A part of the file on one line.
    pub(super) fn written(&self, span: Span) -> String {
        let text = &self.sources.file(span.file).text;
        let text = text.get(span.start as usize..span.end as usize).unwrap_or("");
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.chars().take(MAX_TEXT).collect()
    }
}
