//! Where nodes stand. A script is structured, so its graph is drawn as it is nested: what follows one
//! another stands below one another, the branches of a fork stand side by side in their order, and a
//! fork has the width of its branches. No edge of a fork crosses another.

use super::{Graph, Item};

const WIDTH: i32 = 220;
const HEIGHT: i32 = 60;
const GAP_X: i32 = 40;
const GAP_Y: i32 = 52;
/// The lane of an edge that passes by a branch.
const LANE: i32 = 120;

/// Places the parts of a script beside each other.
pub fn place(graph: &mut Graph, columns: &[Vec<Item>]) {
    (graph.node_width, graph.node_height) = (WIDTH, HEIGHT);
    let mut left = 0;
    for column in columns {
        let width = width_of(column);
        let bottom = put(graph, column, left, 0, width);
        graph.height = graph.height.max(bottom - GAP_Y);
        left += width + 2 * GAP_X;
    }
    graph.width = (left - 2 * GAP_X).max(0);
}

fn width_of(items: &[Item]) -> i32 {
    let widths = items.iter().map(|item| match item {
        Item::Step(_) => WIDTH,
        Item::Fork(_, arms) => arms_width(arms).max(WIDTH),
    });
    widths.max().unwrap_or(LANE)
}

fn arms_width(arms: &[Vec<Item>]) -> i32 {
    let gaps = i32::try_from(arms.len()).unwrap_or(i32::MAX).saturating_sub(1);
    arms.iter().map(|arm| width_of(arm)).sum::<i32>() + gaps.saturating_mul(GAP_X)
}

/// Places items from `top` down, in the middle of `width`; returns where the next one begins.
fn put(graph: &mut Graph, items: &[Item], left: i32, top: i32, width: i32) -> i32 {
    let mut y = top;
    for item in items {
        let (Item::Step(id) | Item::Fork(id, _)) = item;
        if let Some(node) = graph.nodes.get_mut(*id) {
            (node.x, node.y) = (left + (width - WIDTH) / 2, y);
        }
        y += HEIGHT + GAP_Y;
        if let Item::Fork(_, arms) = item {
            let mut x = left + (width - arms_width(arms)) / 2;
            let top = y;
            for arm in arms {
                let own = width_of(arm);
                y = y.max(put(graph, arm, x, top, own));
                x += own + GAP_X;
            }
        }
    }
    y
}
