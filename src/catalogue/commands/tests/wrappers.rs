//! Wrappers, and where values stand.

use super::{split, tables};
use crate::catalogue::{Inner, Role, WrapKind};

/// A wrapper with its inner command and subject.
fn peel(line: &str) -> Option<(WrapKind, String, Option<String>)> {
    let words = split(line);
    let wrap = tables().unwrap(&words)?;
    let inner = match wrap.inner {
        Inner::Words(from) | Inner::Shell(from) => words.get(from..)?.join(" "),
        Inner::Value { word, from } => words.get(word)?.get(from..)?.to_owned(),
        Inner::None => String::new(),
    };
    Some((wrap.kind, inner, wrap.subject.and_then(|i| words.get(i).cloned())))
}

fn plain(line: &str, inner: &str) {
    assert_eq!(peel(line), Some((WrapKind::Plain, inner.to_owned(), None)), "{line}");
}

#[test]
fn plain_wrappers_are_taken_off() {
    plain("sudo -u app -E docker push app:1", "docker push app:1");
    plain("timeout -s KILL 300 npm test", "npm test");
    plain("xargs -n1 -P 4 docker push", "docker push");
    plain("bash -c 'npm test && npm run build' _ x", "npm test && npm run build");
    plain("bash -euxo pipefail -c 'npm test'", "npm test");
    plain("sh -ec 'npm test'", "npm test");
    plain("npx -y --package x cypress@12 run", "cypress@12 run");
    plain("npm exec -- jest --ci", "jest --ci");
    plain("poetry run pytest -q", "pytest -q");
    plain("uv run --with x pytest", "pytest");
    plain("bundle exec rspec -f d", "rspec -f d");
    plain("python3 -m pytest tests", "pytest tests");
    plain("su - deploy -c 'make deploy'", "make deploy");
    plain("nix develop -c make test", "make test");
    plain("time mvn verify", "mvn verify");
    assert_eq!(peel("bash deploy.sh -c prod"), None);
    assert_eq!(peel("python -m build"), None, "a row of its own");
}

#[test]
fn assignments_of_env_are_told() {
    let words = split("env -i STAGE=prod A=b make deploy");
    let wrap = tables().unwrap(&words).unwrap();
    assert_eq!((wrap.assigns, wrap.inner, wrap.name.as_str()), (vec![2, 3], Inner::Words(4), "env"));
    assert_eq!(peel("cross-env NODE_ENV=production webpack").map(|p| p.1), Some("webpack".to_owned()));
}

#[test]
fn hosts_and_containers_are_told() {
    let told = |line: &str, kind, inner: &str, subject: &str| {
        assert_eq!(peel(line), Some((kind, inner.to_owned(), Some(subject.to_owned()))), "{line}");
    };
    told("ssh -p 22 -o A=b deploy@HOLE 'cd x; ls'", WrapKind::Remote, "cd x; ls", &split("deploy@HOLE")[0]);
    told("ssh host sudo systemctl restart app", WrapKind::Remote, "sudo systemctl restart app", "host");
    told("docker run --rm -v a:/b -w /b -e X=y node:20 npm test", WrapKind::Container, "npm test", "node:20");
    told("docker run --rm app:1", WrapKind::Container, "", "app:1");
    told("docker compose -f a.yml run --rm -e X=y app npm test", WrapKind::ComposeService, "npm test", "app");
    told("docker-compose exec -T app ./manage.py migrate", WrapKind::ComposeService, "./manage.py migrate", "app");
    told("docker exec -it web ./manage.py migrate", WrapKind::Pod, "./manage.py migrate", "web");
    assert_eq!(tables().unwrap(&split("docker-compose run app npm test")).map(|w| w.name), Some("docker compose run".to_owned()));
    assert_eq!(peel("docker run -d -p 80:80 app:1"), None, "it starts a service");
    assert_eq!(peel("docker run --rm -i hadolint/hadolint"), None, "a row of its own");
}

#[test]
fn values_are_read_by_role() {
    let read = |line: &str, role| -> Vec<String> {
        let class = tables().classify(&split(line)).unwrap();
        class.role(role).map(str::to_owned).collect()
    };
    assert_eq!(read("docker build -t a:1 --tag=b:2 -f Dockerfile.prod .", Role::Image), ["a:1", "b:2"]);
    assert_eq!(read("docker build -t a:1 -f Dockerfile.prod .", Role::File), ["Dockerfile.prod"]);
    assert_eq!(read("docker push reg/app:1", Role::Image), ["reg/app:1"]);
    assert_eq!(read("docker compose -f a.yml -f b.yml up -d web", Role::File), ["a.yml", "b.yml"]);
    assert_eq!(read("docker-compose up -d web db", Role::Service), ["web", "db"]);
    assert_eq!(read("mvn -Pprod deploy", Role::Environment), ["prod"]);
    assert_eq!(read("./gradlew :shop:app:bootJar", Role::Service), ["app"]);
    assert_eq!(read("npm --prefix app ci", Role::Dir), ["app"]);
    assert_eq!(read("kamal deploy -d production", Role::Environment), ["production"]);
}
