//! Where nodes stand. A script is structured, so its graph is drawn as it is nested: what follows one
//! another stands on one axis, the branches of a fork stand side by side in their order. Where one
//! branch does nothing, the axis goes on through it, so that its edge passes no node.

use super::{Graph, Item};

const WIDTH: i32 = 220;
const HEIGHT: i32 = 60;
const GAP_X: i32 = 40;
const GAP_Y: i32 = 52;
/// The lane of an edge that passes by a branch.
const LANE: i32 = 120;

/// How far something reaches to both sides of its axis.
#[derive(Clone, Copy)]
struct Reach {
    left: i32,
    right: i32,
}

impl Reach {
    const fn of(width: i32) -> Self {
        Self { left: width / 2, right: width - width / 2 }
    }

    fn or(self, other: Self) -> Self {
        Self { left: self.left.max(other.left), right: self.right.max(other.right) }
    }

    const fn width(self) -> i32 {
        self.left + self.right
    }
}

/// Places the parts of a script beside each other.
pub fn place(graph: &mut Graph, columns: &[Vec<Item>]) {
    (graph.node_width, graph.node_height) = (WIDTH, HEIGHT);
    let mut left = 0;
    for column in columns {
        let reach = reach_of(column);
        let bottom = put(graph, column, left + reach.left, 0);
        graph.height = graph.height.max(bottom - GAP_Y);
        left += reach.width() + 2 * GAP_X;
    }
    graph.width = (left - 2 * GAP_X).max(0);
}

fn reach_of(items: &[Item]) -> Reach {
    let reaches = items.iter().map(|item| match item {
        Item::Step(_) => Reach::of(WIDTH),
        Item::Fork(_, arms) => arms_reach(arms).or(Reach::of(WIDTH)),
    });
    reaches.reduce(Reach::or).unwrap_or(Reach::of(LANE))
}

/// The arms' reach: around the one that does nothing if there is one such, else around the middle.
fn arms_reach(arms: &[Vec<Item>]) -> Reach {
    let widths: Vec<i32> = arms.iter().map(|arm| reach_of(arm).width()).collect();
    let gaps = i32::try_from(arms.len()).unwrap_or(i32::MAX).saturating_sub(1);
    let all = widths.iter().sum::<i32>() + gaps.saturating_mul(GAP_X);
    let mut idle = arms.iter().enumerate().filter(|(_, arm)| arm.is_empty());
    let (Some((place, _)), None) = (idle.next(), idle.next()) else { return Reach::of(all) };
    let before: i32 = widths.iter().take(place).map(|width| width + GAP_X).sum();
    let left = before + LANE / 2;
    Reach { left, right: all - left }
}

/// Places items from `top` down on an axis; returns where the next one begins.
fn put(graph: &mut Graph, items: &[Item], axis: i32, top: i32) -> i32 {
    let mut y = top;
    for item in items {
        let (Item::Step(id) | Item::Fork(id, _)) = item;
        if let Some(node) = graph.nodes.get_mut(*id) {
            (node.x, node.y) = (axis - WIDTH / 2, y);
        }
        y += HEIGHT + GAP_Y;
        if let Item::Fork(_, arms) = item {
            let mut x = axis - arms_reach(arms).left;
            let top = y;
            for arm in arms {
                let own = reach_of(arm);
                y = y.max(put(graph, arm, x + own.left, top));
                x += own.width() + GAP_X;
            }
        }
    }
    y
}
