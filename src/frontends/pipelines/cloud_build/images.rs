//! Images that steps of a build make, and the folders that they are made from: a later step of the same build may run in one
//! of them, and then stands in a copy of that folder
//! (<https://cloud.google.com/build/docs/build-config-file-schema#dir>).

use super::arguments::expr;
use crate::catalogue::{Catalogue, Role};
use crate::model::{Command, Expr, Item};
use crate::source::SourceSet;
use crate::source::paths::{is_under, join};
use std::collections::BTreeMap;

/// The images that the steps before one have made.
#[derive(Debug, Default)]
pub(super) struct Images {
    /// Folders of images by name and tag; none where an image is made of what is not known.
    contexts: BTreeMap<String, Option<Context>>,
}

/// What an image is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Context {
    dir: String,
    dockerfile: Option<String>,
}

impl Images {
    /// Note the images that a step makes; `dir` is the folder that it works in, as far as that is known.
    pub(super) fn note(&mut self, items: &[Item], dir: Option<String>, catalogue: &Catalogue) {
        let mut dir = dir;
        for item in items {
            match item {
                Item::Chdir(to) => dir = dir.and_then(|d| to.literal().and_then(|to| join(&d, to))),
                Item::Block(block) => self.note(&block.items, dir.clone(), catalogue),
                Item::Command(command) => self.command(command, dir.as_deref(), catalogue),
                _ => {}
            }
        }
    }

    fn command(&mut self, command: &Command, dir: Option<&str>, catalogue: &Catalogue) {
        let words: Vec<String> = command.words.iter().map(|w| written(w).unwrap_or_else(|| UNKNOWN.to_owned())).collect();
        let Some(class) = catalogue.command(&words) else { return };
        let Some(from) = class.role(Role::Dir).next() else { return };
        let from = from.strip_prefix("dir://").unwrap_or(from);
        let from = below_workspace(from).unwrap_or(from);
        let dir = dir.filter(|_| !from.contains(['$', ':', '*']) && !from.contains(UNKNOWN)).and_then(|d| join(d, from));
        let file = class.role(Role::File).next().and_then(|f| join("", f));
        for image in class.role(Role::Image).filter(|i| !i.contains(UNKNOWN)) {
            let context = dir.clone().map(|dir| Context { dir, dockerfile: file.clone() });
            self.contexts.insert(tagged(image), context);
        }
    }

    /// The folder of the repository whose copy an absolute folder of an image is: the one that the image is made from, and in
    /// it what is below the image's working folder.
    pub(super) fn folder(&self, image: &str, dir: &str, sources: &SourceSet) -> Option<String> {
        let context = self.contexts.get(&tagged(&written(&expr(image))?))?.as_ref()?;
        let named = context.dockerfile.clone().into_iter().flat_map(|f| [Some(f.clone()), join(&context.dir, &f)]);
        let mut all = named.chain([join(&context.dir, "Dockerfile")]).flatten();
        let dockerfile = all.find_map(|path| sources.get(&path));
        let wanted = dir.trim_end_matches('/');
        let mut homes: Vec<&str> = dockerfile.map(|f| homes(&f.text)).unwrap_or_default();
        homes.retain(|home| is_under(wanted, home));
        let inside = homes.iter().max_by_key(|home| home.len()).and_then(|home| wanted.get(home.len()..)).unwrap_or("");
        join(&context.dir, inside.trim_start_matches('/'))
    }
}

/// What stands for a value that is not known.
const UNKNOWN: &str = "\u{0}";

/// The part of a path below the folder that all steps share.
pub(super) fn below_workspace(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/workspace")?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
}

/// The absolute working folders that a Dockerfile names.
fn homes(dockerfile: &str) -> Vec<&str> {
    let named = dockerfile.lines().filter_map(|line| {
        let (word, rest) = line.trim().split_once(char::is_whitespace)?;
        word.eq_ignore_ascii_case("WORKDIR").then(|| rest.trim().trim_matches(['"', '\'']).trim_end_matches('/'))
    });
    named.filter(|home| home.len() > 1 && home.starts_with('/') && !home.contains('$')).collect()
}

/// A word with its variables as the file writes them, so that the same one is the same text.
fn written(word: &Expr) -> Option<String> {
    match word {
        Expr::Lit(text) => Some(text.clone()),
        Expr::Var(name) => Some(format!("${{{name}}}")),
        Expr::Concat(parts) => parts.iter().map(written).collect(),
        _ => None,
    }
}

/// An image's name with its tag.
fn tagged(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    if last.contains([':', '@']) { image.to_owned() } else { format!("{image}:latest") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_an_image_is_that_of_its_context() {
        let context = |dir: &str| Some(Context { dir: dir.to_owned(), dockerfile: None });
        let contexts =
            [("app:latest", context("services/app")), ("reg/${env._TEAM}/web:1", context("web")), ("open:latest", None)];
        let images = Images { contexts: contexts.into_iter().map(|(name, c)| (name.to_owned(), c)).collect() };
        let mut sources = SourceSet::default();
        sources.add("services/app/Dockerfile", "FROM node\nworkdir /app/\nFROM x\nWORKDIR /application\n");
        let folder = |image, dir| images.folder(image, dir, &sources);
        assert_eq!(folder("app", "/app").as_deref(), Some("services/app"));
        assert_eq!(folder("app:latest", "/app/packages/a/").as_deref(), Some("services/app/packages/a"));
        assert_eq!(folder("app", "/elsewhere").as_deref(), Some("services/app"));
        assert_eq!(folder("reg/$_TEAM/web:1", "/home/node").as_deref(), Some("web"));
        assert_eq!(
            [folder("reg/$_TEAM/web", "/app"), folder("reg/$_OTHER/web:1", "/app"), folder("open", "/app")],
            [None, None, None]
        );
    }
}
