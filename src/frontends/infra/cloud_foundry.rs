//! Front end of Cloud Foundry manifests (<https://docs.cloudfoundry.org/devguide/deploy-apps/manifest-attributes.html>): the
//! applications that `cf push` deploys.

use super::{is_yaml, literal_name, untagged};
use crate::model::{Declaration, DeclarationKind, HOLE, Program};
use crate::source::SourceSet;
use crate::source::paths;
use crate::syntax::yaml;
use std::collections::BTreeMap;

/// Declare the applications of every manifest. One without an image is pushed as source.
pub fn translate(sources: &SourceSet, program: &mut Program) {
    for file in sources.files().iter().filter(|f| is_yaml(f) && f.name().to_ascii_lowercase().contains("manifest")) {
        let tree = yaml::parse(file);
        let Some(applications) = tree.root().and_then(|r| r.get("applications")) else { continue };
        for application in applications.items() {
            let Some(name) = application.get_str("name").and_then(|n| literal_name(&masked(n))) else { continue };
            let image = application.at(&["docker", "image"]).and_then(|i| untagged(&masked(i.raw())));
            let path = application.get_str("path").map_or_else(|| file.dir().to_owned(), |p| paths::clamp(file.dir(), p));
            let pushed = image.is_none().then(|| ("pushed".to_owned(), "true".to_owned()));
            program.declarations.push(Declaration {
                kind: DeclarationKind::Workload,
                name,
                span: application.item_span(),
                dir: file.dir().to_owned(),
                context: image.is_none().then_some(path),
                images: image.into_iter().collect(),
                facts: pushed.into_iter().collect::<BTreeMap<_, _>>(),
            });
        }
    }
}

/// A value with its `((variables))` and `${variables}` as holes.
fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((at, end)) = [("((", "))"), ("${", "}")].iter().filter_map(|(a, e)| Some((rest.find(a)?, *e))).min() {
        out.push_str(&rest[..at]);
        out.push(HOLE);
        rest = rest[at..].find(end).map_or("", |close| &rest[at + close + end.len()..]);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_applications_of_a_manifest_are_workloads() {
        let mut sources = SourceSet::default();
        let text = "applications:\n- name: shop-((space))\n  path: web\n- name: worker\n  docker: {image: 'acme/worker:${tag}'}\n- memory: 1G\n";
        sources.add("deploy/manifest-prod.yml", text);
        sources.add("manifest.yml", "applications: none\n");
        sources.add("applications.yml", "applications: [{name: other}]\n");
        let mut program = Program::default();
        translate(&sources, &mut program);
        let said: Vec<_> =
            program.declarations.iter().map(|d| (d.name.as_str(), d.context.as_deref(), d.images.as_slice())).collect();
        assert_eq!(said, [("shop", Some("deploy/web"), &[][..]), ("worker", None, &["acme/worker".to_owned()][..])]);
    }

    #[test]
    fn an_open_variable_ends_nowhere() {
        assert_eq!(masked("a-((b"), format!("a-{HOLE}"));
        assert_eq!(masked("a-${b}-((c))-d"), format!("a-{HOLE}-{HOLE}-d"));
    }
}
