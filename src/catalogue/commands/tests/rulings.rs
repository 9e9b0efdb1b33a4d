//! The tables against the rulings of the model.

use super::{split, tables};
use crate::catalogue::{Action, Trait};

/// What a command is in one line: stage, `glue` or `resolve NAME`, then further stages.
fn told(line: &str) -> String {
    let Some(class) = tables().classify(&split(line)) else { return "unknown".to_owned() };
    let mut text = match &class.action {
        Action::Step(stage) => stage.as_str().to_owned(),
        Action::Glue => "glue".to_owned(),
        Action::Resolve { resolver, .. } => format!("resolve {resolver}"),
    };
    for also in &class.also {
        text = format!("{text} +{also}");
    }
    text
}

fn all(ruling: &str, rows: &[(&str, &str)]) {
    let wrong: Vec<_> = rows.iter().map(|(line, want)| (line, told(line), want)).filter(|(_, got, want)| got != *want).collect();
    assert!(wrong.is_empty(), "{ruling}: {wrong:#?}");
}

#[test]
fn a_lifecycle_is_its_last_phase() {
    all(
        "rulings 1 and 14",
        &[
            ("mvn package", "package +build +test"),
            ("mvn -B -DskipTests package", "package +build"),
            ("mvn clean install", "package +build +test"),
            ("mvn clean verify", "test +build +package"),
            ("mvn deploy -DskipTests", "publish +build +package"),
            ("./mvnw clean compile test", "test +build"),
            ("./gradlew build", "package +build +check +test"),
            ("./gradlew clean build -x test", "package +build +check"),
            ("./gradlew check", "test +check +build"),
            ("mvn clean", "glue"),
            ("docker buildx build --push -t app:1 .", "publish +package"),
            ("docker buildx build --push=HOLE -t app:1 .", "publish +package"),
            ("docker buildx build --push=false -t app:1 .", "package"),
            ("docker build -t app:HOLE .", "package"),
            ("goreleaser release --clean", "publish +build +package"),
        ],
    );
}

#[test]
fn a_sonar_goal_stands_beside_a_phase() {
    all(
        "ruling 37",
        &[
            ("mvn clean verify sonar:sonar", "test +build +package +scan"),
            ("mvn sonar:sonar", "scan"),
            ("./gradlew test sonar", "test +build +scan"),
            ("./gradlew sonar", "scan"),
            ("./gradlew sonar build -x test", "package +build +check +scan"),
        ],
    );
}

#[test]
fn what_only_reads_or_sets_up_is_glue() {
    all(
        "rulings 21, 27 and 37",
        &[
            ("git rev-parse --short HEAD", "glue"),
            ("docker pull app:1", "glue"),
            ("docker tag app:1 app:2", "glue"),
            ("docker login -u u -p p", "glue"),
            ("docker ps -a", "glue"),
            ("docker buildx create --use", "glue"),
            ("docker compose ps", "glue"),
            ("npm view app version", "glue"),
            ("flyway-free-echo done", "unknown"),
            ("mvn flyway:info", "glue"),
            ("curl -fsSLo tool https://example.com/tool", "glue"),
            ("wget https://example.com/a.tar.gz", "glue"),
            ("gh run list", "glue"),
            ("mkdir -p out", "glue"),
        ],
    );
}

#[test]
fn a_named_tool_is_glue_and_a_manifest_is_build() {
    all(
        "ruling 29",
        &[
            ("pip install awscli", "glue"),
            ("pip3 install -r requirements.txt", "build"),
            ("pip install -e .", "build"),
            ("python3.11 -m pip", "unknown"),
            ("npm ci", "build"),
            ("npm install", "build"),
            ("npm install -g serverless", "glue"),
            ("npm install newman", "glue"),
            ("yarn", "build"),
            ("yarn --frozen-lockfile", "build"),
            ("yarn global add serverless", "glue"),
            ("pnpm add -g vercel", "glue"),
            ("go install github.com/x/y@latest", "glue"),
            ("go install ./...", "build"),
            ("cargo install cargo-audit", "glue"),
            ("cargo install --path .", "build"),
            ("gem install bundler", "glue"),
            ("bundle install", "build"),
            ("composer install --no-dev", "build"),
            ("apt-get install -y jq", "glue"),
            ("dotnet restore", "build"),
            ("dotnet tool restore", "glue"),
        ],
    );
}

#[test]
fn formatters_check_and_coverage_reports_test() {
    all(
        "rulings 30 and 31",
        &[
            ("black .", "check"),
            ("cargo fmt", "check"),
            ("gofmt -w .", "check"),
            ("dotnet format", "check"),
            ("deno fmt", "check"),
            ("coverage xml", "test"),
            ("reportgenerator -reports:a", "test"),
            ("dotnet sonarscanner begin /k:app", "glue"),
            ("dotnet sonarscanner end", "scan"),
            ("tox -e lint", "check"),
            ("tox", "test"),
            ("nox -s docs", "check"),
            ("pre-commit run --all-files", "check"),
        ],
    );
}

#[test]
fn git_is_read_by_what_it_moves() {
    all(
        "rulings 15 and 37",
        &[
            ("git clone https://example.com/a.git", "source"),
            ("git checkout main", "source"),
            ("git push origin main", "source"),
            ("git push heroku main", "deploy"),
            ("git push origin HEAD:gh-pages", "deploy"),
            ("git push --tags", "source"),
            ("gh pr create --fill", "source"),
            ("gh release create v1 a.zip", "publish"),
            ("gh workflow run deploy.yml", "resolve workflow"),
        ],
    );
    let has = |line: &str, t| tables().classify(&split(line)).is_some_and(|class| class.is(t));
    assert!(has("git checkout main", Trait::GlueInScript));
    assert!(has("git push origin main", Trait::GitOps));
    assert!(has("git push --tags", Trait::MakesTag));
    assert!(has("gh pr create", Trait::PersonMerges));
    assert!(has("git -C /srv/app pull", Trait::DeployOnHost));
}

#[test]
fn messages_and_housekeeping_are_off_the_path() {
    all(
        "rulings 10, 16 and 21",
        &[
            ("curl -X POST -d HOLE https://hooks.slack.com/services/HOLE", "operate"),
            ("curl -X POST -H HOLE https://api.github.com/repos/HOLE/issues/HOLE/comments -d HOLE", "operate"),
            ("gh api repos/HOLE/deployments", "operate"),
            ("docker compose down -v", "operate"),
            ("docker system prune -af", "operate"),
            ("php bin/console cache:clear", "operate"),
            ("openssl-free", "unknown"),
            ("curl -sf https://HOLE/health", "glue"),
        ],
    );
    let has = |line: &str, t| tables().classify(&split(line)).is_some_and(|class| class.is(t));
    assert!(has("curl -sf https://HOLE/health", Trait::VerifyAfterDeploy));
    assert!(!has("curl -sSLO https://example.com/a.tar.gz", Trait::VerifyAfterDeploy));
    assert!(has("docker compose up -d", Trait::ComposeUp));
    assert!(has("docker compose up -d --wait", Trait::Waits), "ruling 28");
}

#[test]
fn files_of_the_repository_are_resolved() {
    all(
        "steps of own files",
        &[
            ("./scripts/deploy.sh prod", "resolve script"),
            ("scripts/test", "resolve script"),
            ("bin/deploy", "resolve script"),
            ("../x.sh", "resolve script"),
            ("deploy.sh", "resolve script"),
            ("./test", "resolve script"),
            ("HOLE/scripts/deploy.sh", "resolve script"),
            ("bash -eux deploy.sh", "resolve script"),
            ("make -C app deploy", "resolve make"),
            ("npm run build", "resolve npm"),
            ("python scripts/x.py", "resolve helper"),
            ("/usr/bin/docker build .", "package"),
            ("node_modules/.bin/webpack", "build"),
            ("vendor/bin/phpunit", "test"),
            ("bin/rails db:migrate", "configure"),
            ("docker.exe push app:1", "publish"),
            ("cypress-unknown@1", "unknown"),
            ("HOLE push app", "unknown"),
        ],
    );
}

#[test]
fn global_options_and_unknown_words_do_not_disturb() {
    all(
        "options anywhere",
        &[
            ("git -C dir push origin main", "source"),
            ("docker --context y push app:1", "publish"),
            ("docker -H ssh://h compose -p x up -d", "deploy"),
            ("docker HOLE push app:1", "publish"),
            ("docker HOLE app:1", "unknown"),
            ("mvn -f app/pom.xml -P prod test", "test +build"),
            ("npm --prefix app ci", "build"),
        ],
    );
    assert!(tables().takes_value("docker", "--context"));
    assert!(tables().takes_value("docker-compose", "-f"));
    assert!(!tables().takes_value("docker", "--rm"));
}
