//! Whether the images of services run as another user than root.

use super::Answer;
use super::images::{Product, products};
use super::scene::Scene;
use super::texts::{lines_with, once, own_files};
use crate::catalogue::table;
use crate::model::{HOLE, glob};
use crate::source::Span;
use serde::Deserialize;
use std::sync::OnceLock;

/// What is known of users (`grammars/practices/nonroot-user.yaml`).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Known {
    administrators: Vec<String>,
    unprivileged: Vec<String>,
    run_as: Vec<String>,
    policies: Vec<String>,
}

fn known() -> &'static Known {
    static ALL: OnceLock<Known> = OnceLock::new();
    ALL.get_or_init(|| table::single(table::packed!("nonroot-user")).unwrap_or_default())
}

/// Who an image runs as, with the place that says it.
enum User {
    Other(Span),
    Root(Span),
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let images = products(scene);
    if images.none() {
        return Answer::not_applicable("no image of a service is built");
    }
    if images.known.is_empty() {
        return Answer::unknown("no Dockerfile is known of what is built", images.unseen);
    }
    let mut others = Vec::new();
    let mut roots = Vec::new();
    let alone = images.known.len() == 1 && scene.map.services.len() == 1;
    for image in &images.known {
        match user(scene, image) {
            User::Other(at) => others.push(at),
            User::Root(at) => match run_as(scene, image, alone) {
                Some(at) => others.push(at),
                None => roots.push(at),
            },
        }
    }
    match (others.len(), roots.len()) {
        (_, 0) if !images.unseen.is_empty() => {
            Answer::unknown("no Dockerfile is known of some images that are built", images.unseen)
        }
        (_, 0) => Answer::present("every image of a service runs as another user than root", once(others)),
        (0, _) => Answer::absent("no image of a service switches to another user than root", once(roots)),
        (_, n) => Answer::absent(format!("{n} of {} images of services run as root", images.known.len()), once(roots)),
    }
}

/// The user of an image, its own or that of what it starts from.
fn user(scene: &Scene<'_>, image: &Product<'_>) -> User {
    let line = image.line(scene);
    for one in &line {
        if let Some((user, at)) = one.user() {
            return if is_administrator(user, at, scene, one) { User::Root(at) } else { User::Other(at) };
        }
    }
    let base = line.last().and_then(Product::base);
    match base {
        Some((reference, at)) if known().unprivileged.iter().any(|p| glob(p, &reference.to_lowercase())) => User::Other(at),
        _ => User::Root(image.origin()),
    }
}

/// Whether a user is the administrator; a variable is what the Dockerfile sets it to, and what it leaves open was asked for on purpose.
fn is_administrator(user: &str, at: Span, scene: &Scene<'_>, image: &Product<'_>) -> bool {
    let is = |name: &str| known().administrators.iter().any(|a| a == name);
    if !user.contains(HOLE) {
        return is(user);
    }
    let written = scene.text(at);
    let Some(name) = written.split('$').nth(1) else { return false };
    let name: String = name.trim_start_matches('{').chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let set = |line: &str| {
        let rest = line.trim().strip_prefix("ARG ").or_else(|| line.trim().strip_prefix("ENV "))?;
        let rest = rest.trim().strip_prefix(&name)?;
        Some(rest.strip_prefix(['=', ' '])?.trim().trim_matches('"').to_owned())
    };
    image.file.text.lines().filter_map(set).any(|value| is(&value))
}

/// The line that asks for another user where the image runs: in a manifest that names it, or in a chart of the only one.
fn run_as(scene: &Scene<'_>, image: &Product<'_>, alone: bool) -> Option<Span> {
    let yaml = |name: &str| name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".tpl");
    own_files(scene)
        .filter(|f| yaml(f.name()) && !known().policies.iter().any(|p| f.text.contains(p.as_str())))
        .filter(|f| {
            let chart = || f.path.rsplit_once('/').is_some_and(|(dir, _)| in_chart(scene, dir));
            names(&f.text, image.name) || alone && (f.text.contains("containers:") || chart())
        })
        .find_map(|f| lines_with(f, asks).into_iter().next())
}

fn asks(line: &str) -> bool {
    let is = |key: &String| line.trim().strip_prefix(key.as_str()).and_then(|rest| rest.strip_prefix(':'));
    known().run_as.iter().any(|key| is(key).is_some_and(|value| value.trim() == "true"))
}

fn in_chart(scene: &Scene<'_>, dir: &str) -> bool {
    let parent = dir.rsplit_once('/').map_or("", |(parent, _)| parent);
    [dir, parent].iter().any(|d| scene.sources.paths.contains(&format!("{d}/Chart.yaml")))
}

/// Whether a file names an image.
fn names(text: &str, image: &str) -> bool {
    let is = |line: &str| {
        let line = line.trim().trim_start_matches("- ");
        let value = line.strip_prefix("image:").or_else(|| line.strip_prefix("repository:"));
        value
            .is_some_and(|v| crate::flow::reach::image_name(v.trim().trim_matches(['"', '\''])).is_some_and(|name| name == image))
    };
    !image.is_empty() && text.lines().any(is)
}
