//! Built-ins with their inputs: the arguments of a step, those of the maps and objects in them too.

use super::{Translator, VENDOR};
use crate::catalogue::WrapKind;
use crate::frontends::pipelines::reader::wrap;
use crate::model::{BuiltIn, Expr as Neutral, Item, Wrapper};
use crate::syntax::groovy::{Arg, Call, Expr, ExprKind};

/// Deepest nesting of arguments in which an input is looked for.
const MAX_NESTING: usize = 5;

impl<'m> Translator<'m> {
    /// A step that is defined outside of this repository, known by its name alone.
    pub(super) fn library_call(&mut self, call: &'m Call, out: &mut Vec<Item>) {
        let environments = self.catalogue.environments();
        let mut more = Vec::new();
        for e in call.positional() {
            if let Some(text) = e.plain().filter(|t| environments.find_in(t).is_some()) {
                more.push(("environment".to_owned(), Neutral::lit(text)));
                break;
            }
        }
        let name = format!("library/{}", call.name);
        self.built_in(&name, call, more, true, out);
    }

    /// A second checkout, or one into a folder of its own, is one of another repository.
    pub(super) fn checkout(&mut self, call: &'m Call) -> Vec<(String, Neutral)> {
        let mut inputs = Vec::new();
        self.flatten(&call.args, 0, &mut inputs);
        let url = inputs.iter().find(|(n, _)| n == "url").map(|(_, v)| v.clone());
        let beside = inputs.iter().any(|(n, _)| n == "relativeTargetDir");
        let again = std::mem::replace(&mut self.run.checked_out, true);
        match url {
            Some(url) if beside || again || self.folders > 0 => vec![("repository".to_owned(), url)],
            _ => Vec::new(),
        }
    }

    /// A built-in with its inputs, and the commands that one of these holds.
    pub(super) fn built_in(
        &mut self,
        name: &str,
        call: &'m Call,
        more: Vec<(String, Neutral)>,
        external: bool,
        out: &mut Vec<Item>,
    ) {
        let mut inputs = more;
        let mut position = 0;
        for e in call.positional() {
            if matches!(e.kind, ExprKind::Closure(_) | ExprKind::Map(_)) {
                continue;
            }
            position += 1;
            let key = if position == 1 { "arg".to_owned() } else { format!("arg{position}") };
            let value = self.value(e);
            inputs.push((key, value));
        }
        self.flatten(&call.args, 0, &mut inputs);
        let mut inner = Vec::new();
        let shell = self.catalogue.shell_input(VENDOR, name).map(|(names, kind)| (names.to_owned(), kind));
        if let Some((names, kind)) = shell
            && let Some(script) = names.split('|').find_map(|n| argument(&call.args, n, 0))
        {
            inner = self.commands(script, "sh");
            if kind == WrapKind::Remote {
                let host = inputs.iter().find(|(n, _)| matches!(n.as_str(), "remote" | "configName" | "host"));
                let host = host.map_or_else(|| Neutral::Unknown("not named".to_owned()), |(_, v)| v.clone());
                wrap(&mut inner, &Wrapper::Remote(host));
            }
        }
        let text = self.written(call.head);
        out.push(Item::BuiltIn(Box::new(BuiltIn {
            vendor: VENDOR,
            name: name.to_owned(),
            version: String::new(),
            inputs,
            span: call.head,
            text,
            inner,
            external_call: external,
        })));
    }

    /// Named arguments as inputs, those of maps and objects in them too.
    fn flatten(&mut self, args: &[Arg], depth: usize, out: &mut Vec<(String, Neutral)>) {
        for arg in args {
            if let Some(name) = arg.name()
                && !out.iter().any(|(n, _)| n == name)
            {
                let value = self.value(&arg.value);
                out.push((name.to_owned(), value));
            }
            if depth < MAX_NESTING {
                self.flatten_value(&arg.value, depth + 1, out);
            }
        }
    }

    fn flatten_value(&mut self, e: &Expr, depth: usize, out: &mut Vec<(String, Neutral)>) {
        match &e.kind {
            ExprKind::Map(entries) => self.flatten(entries, depth, out),
            ExprKind::Call(call) if call.receiver.is_none() => self.flatten(&call.args, depth, out),
            ExprKind::List(all) if depth < MAX_NESTING => all.iter().for_each(|e| self.flatten_value(e, depth + 1, out)),
            _ => {}
        }
    }
}

/// A named argument, also one in a map, list or object that is an argument.
fn argument<'m>(args: &'m [Arg], name: &str, depth: usize) -> Option<&'m Expr> {
    if let Some(found) = args.iter().find(|a| a.name() == Some(name)) {
        return Some(&found.value);
    }
    if name == "arg" && depth == 0 {
        return args.iter().find(|a| a.key.is_none()).map(|a| &a.value);
    }
    if depth > MAX_NESTING {
        return None;
    }
    args.iter().find_map(|a| within(&a.value, name, depth))
}

fn within<'m>(e: &'m Expr, name: &str, depth: usize) -> Option<&'m Expr> {
    match &e.kind {
        ExprKind::Map(entries) => argument(entries, name, depth + 1),
        ExprKind::Call(call) => argument(&call.args, name, depth + 1),
        ExprKind::List(all) if depth < MAX_NESTING => all.iter().find_map(|e| within(e, name, depth + 1)),
        _ => None,
    }
}
