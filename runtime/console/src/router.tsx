import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { queries } from './api/queries'
import { firstPage, whoever } from './api/session'
import { SignIn } from './pages/SignIn'
import { Root } from './shell/Root'

const root = createRootRoute({ component: Root })

const signIn = createRoute({ getParentRoute: () => root, path: '/signin', component: SignIn })

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async () => {
    const session = await whoever(queries)
    if (session === null || session.tenant === null) throw redirect({ to: '/signin' })
    throw redirect({ to: firstPage(session), params: { tenant: session.tenant } })
  },
})

/** Who has not signed in does so first. */
async function signedIn({ location }: { location: { href: string } }) {
  const session = await whoever(queries)
  if (session === null || session.must_change) {
    throw redirect({ to: '/signin', search: { to: location.href } as never })
  }
}

const tenant = createRoute({
  getParentRoute: () => root,
  path: '/t/$tenant',
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import('./shell/Shell'), 'Shell'),
})

/** Without what is around the other pages: for a screen on the wall. */
const tv = createRoute({
  getParentRoute: () => root,
  path: '/t/$tenant/wall/tv',
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import('./pages/Tv'), 'Tv'),
})

const wallboard = createRoute({
  getParentRoute: () => tenant,
  path: '/wallboard',
  component: lazyRouteComponent(() => import('./pages/Wallboard'), 'Wallboard'),
})

const desk = createRoute({
  getParentRoute: () => tenant,
  path: '/desk',
  component: lazyRouteComponent(() => import('./pages/Desk'), 'Desk'),
})

const queue = createRoute({
  getParentRoute: () => tenant,
  path: '/queues/$queue',
  component: lazyRouteComponent(() => import('./pages/Queue'), 'Queue'),
})

const agents = createRoute({
  getParentRoute: () => tenant,
  path: '/agents',
  component: lazyRouteComponent(() => import('./pages/Agents'), 'Agents'),
})

const recordings = createRoute({
  getParentRoute: () => tenant,
  path: '/recordings',
  component: lazyRouteComponent(() => import('./pages/Recordings'), 'Recordings'),
})

const interactions = createRoute({
  getParentRoute: () => tenant,
  path: '/interactions',
  component: lazyRouteComponent(() => import('./pages/Interactions'), 'Interactions'),
})

const interaction = createRoute({
  getParentRoute: () => tenant,
  path: '/interactions/$interaction',
  component: lazyRouteComponent(() => import('./pages/Interaction'), 'Interaction'),
})

const contacts = createRoute({
  getParentRoute: () => tenant,
  path: '/contacts',
  component: lazyRouteComponent(() => import('./pages/Contacts'), 'Contacts'),
})

const contact = createRoute({
  getParentRoute: () => tenant,
  path: '/contacts/$contact',
  component: lazyRouteComponent(() => import('./pages/Contact'), 'Contact'),
})

const report = createRoute({
  getParentRoute: () => tenant,
  path: '/report',
  component: lazyRouteComponent(() => import('./pages/Report'), 'Report'),
})

const flows = createRoute({
  getParentRoute: () => tenant,
  path: '/flows',
  component: lazyRouteComponent(() => import('./pages/Flows'), 'Flows'),
})

const flow = createRoute({
  getParentRoute: () => tenant,
  path: '/flows/$flow',
  // A recorded caller who is played again.
  validateSearch: (search): { rerun?: string } => (typeof search['rerun'] === 'string' ? { rerun: search['rerun'] } : {}),
  component: lazyRouteComponent(() => import('./pages/Flow'), 'Flow'),
})

const plugins = createRoute({
  getParentRoute: () => tenant,
  path: '/plugins',
  component: lazyRouteComponent(() => import('./pages/Plugins'), 'Plugins'),
})

const plugin = createRoute({
  getParentRoute: () => tenant,
  path: '/plugins/$plugin',
  component: lazyRouteComponent(() => import('./pages/Plugin'), 'Plugin'),
})

const users = createRoute({
  getParentRoute: () => tenant,
  path: '/users',
  component: lazyRouteComponent(() => import('./pages/Users'), 'Users'),
})

const audit = createRoute({
  getParentRoute: () => tenant,
  path: '/audit',
  component: lazyRouteComponent(() => import('./pages/Audit'), 'Audit'),
})

const account = createRoute({
  getParentRoute: () => tenant,
  path: '/account',
  component: lazyRouteComponent(() => import('./pages/Account'), 'Account'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    signIn,
    tv,
    tenant.addChildren([
      desk,
      wallboard,
      queue,
      agents,
      interactions,
      interaction,
      recordings,
      contacts,
      contact,
      report,
      flows,
      flow,
      plugins,
      plugin,
      users,
      audit,
      account,
    ]),
  ]),
  defaultPreload: 'intent',
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
