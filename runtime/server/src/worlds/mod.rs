//! What plugins that are not asked by the engine do in a running tenant: channels and the
//! conversations on them, connectors, analysts, pacers.

pub mod analysts;
pub mod chats;
pub mod connectors;
pub mod pacers;
pub mod webchat;
