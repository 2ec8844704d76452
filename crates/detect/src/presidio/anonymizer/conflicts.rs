//! Entities that overlap, or stand side by side.

use std::{
    cmp::{Ordering, Reverse},
    collections::BTreeMap,
};

use super::{Places, request::Entity};

/// What becomes of entities that overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ConflictResolution {
    /// Those of one type become one, those inside another go.
    #[default]
    MergeSimilarOrContained,
    /// Also, of two that overlap the one with the lower score loses what they share.
    RemoveIntersections,
}

/// The entities that are left, in the order of the last of those they were merged of.
pub(super) fn resolve(entities: &[Entity], how: ConflictResolution) -> Vec<Entity> {
    let mut sorted = entities.to_vec();
    sorted.sort_by_key(|entity| (entity.start, entity.end));
    let mut left = drop_contained(merge_of_one_type(sorted));
    if how == ConflictResolution::RemoveIntersections {
        left.sort_by_key(|entity| (entity.start, entity.end));
        trim(&mut left);
    }
    left
}

/// Makes entities of one type one that have nothing but spaces between them, and a line break behind these at most.
pub(super) fn merge_over_spaces(text: &str, entities: Vec<Entity>) -> Vec<Entity> {
    let places = Places::new(text);
    let mut merged: Vec<Entity> = Vec::with_capacity(entities.len());
    for mut entity in entities {
        if let Some(last) = merged.last().filter(|last| last.entity_type == entity.entity_type) {
            let between = text.get(places.byte(last.end)..places.byte(entity.start)).unwrap_or_default();
            let spaces = between.strip_suffix('\n').unwrap_or(between);
            if !spaces.is_empty() && spaces.bytes().all(|byte| byte == b' ') {
                entity.start = last.start;
                merged.pop();
            }
        }
        merged.push(entity);
    }
    merged
}

/// Merges entities of one type that share a code point. The union has the highest score and the place in the list of
/// the last that it took in.
fn merge_of_one_type(sorted: Vec<Entity>) -> Vec<Entity> {
    let mut kept: Vec<(usize, Entity)> = Vec::with_capacity(sorted.len());
    let mut last_of_type: BTreeMap<String, usize> = BTreeMap::new();
    for (position, entity) in sorted.into_iter().enumerate() {
        if let Some((at, last)) = last_of_type.get(&entity.entity_type).map(|&last| &mut kept[last])
            && last.end.min(entity.end) > entity.start
        {
            last.end = last.end.max(entity.end);
            if compare_scores(&entity, last).is_gt() {
                last.score = entity.score;
            }
            *at = position;
            continue;
        }
        last_of_type.insert(entity.entity_type.clone(), kept.len());
        kept.push((position, entity));
    }
    kept.sort_by_key(|(position, _)| *position);
    kept.into_iter().map(|(_, entity)| entity).collect()
}

/// Drops what lies inside another entity; of several in the same place the highest score stays, of those the last.
fn drop_contained(entities: Vec<Entity>) -> Vec<Entity> {
    let mut order: Vec<usize> = (0..entities.len()).collect();
    order.sort_by_key(|&i| (entities[i].start, Reverse(entities[i].end)));
    let mut stays = vec![false; entities.len()];
    let mut reached = None;
    for group in
        order.chunk_by(|&a, &b| (entities[a].start, entities[a].end) == (entities[b].start, entities[b].end))
    {
        let end = entities[group[0]].end;
        if reached.is_some_and(|reached| reached >= end) {
            continue;
        }
        reached = Some(end);
        let best = group.iter().max_by(|&&a, &&b| compare_scores(&entities[a], &entities[b]));
        if let Some(&best) = best {
            stays[best] = true;
        }
    }
    entities.into_iter().zip(stays).filter_map(|(entity, stays)| stays.then_some(entity)).collect()
}

/// Of two neighbours that overlap, the one with the lower score, else the later one, loses what they share.
fn trim(sorted: &mut Vec<Entity>) {
    let mut at = 0;
    while at + 1 < sorted.len() {
        let (current, next) = (&sorted[at], &sorted[at + 1]);
        if current.end <= next.start {
            at += 1;
            continue;
        }
        let shared = (next.start, current.end);
        if compare_scores(current, next).is_ge() {
            sorted[at + 1].start = shared.1;
        } else {
            sorted[at].end = shared.0;
        }
        sorted.sort_by_key(|entity| (entity.start, entity.end));
    }
    sorted.retain(|entity| entity.start < entity.end);
}

fn compare_scores(a: &Entity, b: &Entity) -> Ordering {
    let score = |entity: &Entity| entity.score.as_ref().and_then(serde_json::Number::as_f64).unwrap_or(0.0);
    score(a).total_cmp(&score(b))
}
