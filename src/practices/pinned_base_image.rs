//! Whether the images of services start from base images that stay what they are.

use super::Answer;
use super::images::{Product, built_here, products};
use super::scene::Scene;
use crate::model::HOLE;
use crate::source::Span;
use std::collections::BTreeSet;

/// Letters of a commit's short name.
const SHORT_COMMIT: usize = 7;

/// How a base image is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pin {
    /// By a digest, or a version of at least two parts.
    Fixed,
    /// By a tag that moves on.
    Moving,
    /// By what only a run knows.
    Open,
}

pub(super) fn answer(scene: &Scene<'_>) -> Answer {
    let images = products(scene);
    if images.none() {
        return Answer::not_applicable("no image of a service is built");
    }
    if images.known.is_empty() {
        return Answer::unknown("no Dockerfile is known of what is built", images.unseen);
    }
    let lines: Vec<Product<'_>> = images.known.iter().flat_map(|i| all(scene, i)).collect();
    let bases: BTreeSet<(Span, &str)> = lines
        .iter()
        .flat_map(|image| image.bases().into_iter().map(move |(base, span)| (image, base, span)))
        // The bases of what is built here are asked about in its place.
        .filter(|(image, base, _)| built_here(scene, base, image.file).is_none())
        .map(|(_, base, span)| (span, base))
        .collect();
    let are = |pin: Pin| bases.iter().filter(|(_, base)| of(base) == pin).map(|(span, _)| *span).collect::<Vec<_>>();
    let (fixed, moving, open) = (are(Pin::Fixed), are(Pin::Moving), are(Pin::Open));
    if let Some((_, base)) = bases.iter().find(|(_, base)| of(base) == Pin::Moving) {
        let (some, all) = (moving.len(), bases.len());
        return Answer::absent(
            format!("{some} of {all} base images move on under their tags, such as `{}`", shown(base)),
            moving,
        );
    }
    if !open.is_empty() {
        return Answer::unknown("only a run knows the tag of a base image", open);
    }
    if !images.unseen.is_empty() {
        return Answer::unknown("no Dockerfile is known of some images that are built", images.unseen);
    }
    if fixed.is_empty() {
        return Answer::present("the images start from nothing", lines.iter().map(|i| i.file.whole()).collect());
    }
    Answer::present("every base image has a digest, or a version of at least two parts", fixed)
}

/// An image and those of this repository that any of its stages goes back to.
fn all<'s>(scene: &Scene<'s>, image: &Product<'s>) -> Vec<Product<'s>> {
    let mut out = image.line(scene);
    for (base, _) in image.bases() {
        let other = built_here(scene, base, image.file).filter(|o| !out.iter().any(|i| i.file.path == o.file.path));
        out.extend(other);
    }
    out
}

fn shown(image: &str) -> String {
    image.replace(HOLE, "…")
}

/// How an image is pinned.
fn of(image: &str) -> Pin {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    if digest.is_some() {
        return Pin::Fixed;
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    let Some((_, tag)) = last.split_once(':') else {
        return if last.contains(HOLE) { Pin::Open } else { Pin::Moving };
    };
    let head = tag.split('-').next().unwrap_or(tag);
    if head.contains(HOLE) {
        return Pin::Open;
    }
    // `22-alpine3.19` is any 22; `jdk-17.0.2` and `alpine3.19` are versions of what they name.
    let whole = head.trim_start_matches('v').chars().next().is_some_and(|c| c.is_ascii_digit());
    let fixed = two_parts(if whole { head } else { tag }) || is_date(tag) || is_commit(tag);
    if fixed {
        Pin::Fixed
    } else if tag.contains(HOLE) && !whole {
        Pin::Open
    } else {
        Pin::Moving
    }
}

/// Whether a text holds a version of at least two parts.
fn two_parts(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..bytes.len().saturating_sub(1)).any(|i| bytes[i] == b'.' && bytes[i - 1].is_ascii_digit() && bytes[i + 1].is_ascii_digit())
}

/// Whether a tag holds the day of a snapshot (`bookworm-20240211`, `2024-02-11`).
fn is_date(tag: &str) -> bool {
    let digits: Vec<&str> = tag.split(|c: char| !c.is_ascii_digit()).collect();
    let day = |d: &&str| d.len() == 8 && d.starts_with("20");
    digits.iter().any(day) || digits.windows(3).any(|w| w[0].len() == 4 && w[1].len() == 2 && w[2].len() == 2)
}

/// Whether a tag is the name of a commit.
fn is_commit(tag: &str) -> bool {
    let last = tag.rsplit('-').next().unwrap_or(tag);
    let hex = last.len() >= SHORT_COMMIT && last.chars().all(|c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase());
    hex && last.contains(|c: char| c.is_ascii_digit()) && last.contains(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_stay_are_told_from_those_that_move() {
        for image in [
            "node@sha256:abc",
            "node:22.1-alpine",
            "ubuntu:22.04",
            "ruby:4.0.5-alpine3.24",
            "a/base:latest-4.0.5",
            "debian:bookworm-20240211",
            "a/base:3f2c9d1",
            "host:5000/a/b:1.2",
        ] {
            assert_eq!(of(image), Pin::Fixed, "{image}");
        }
        for image in ["node", "node:22", "node:22-alpine3.19", "nginx:alpine", "host:5000/a/b", "openjdk:17-jdk-slim", "a:latest"]
        {
            assert_eq!(of(image), Pin::Moving, "{image}");
        }
        for image in ["node:\u{fffc}", "\u{fffc}", "node:\u{fffc}-alpine"] {
            assert_eq!(of(image), Pin::Open, "{image}");
        }
    }
}
