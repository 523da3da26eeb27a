import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { token } from './api/client'
import { SignIn } from './pages/SignIn'
import { Root } from './shell/Root'
import { Shell } from './shell/Shell'

const root = createRootRoute({ component: Root })

const signIn = createRoute({ getParentRoute: () => root, path: '/signin', component: SignIn })

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/signin' })
  },
})

const tenant = createRoute({
  getParentRoute: () => root,
  path: '/t/$tenant',
  beforeLoad: ({ location }) => {
    if (token.get() === null) throw redirect({ to: '/signin', search: { to: location.href } as never })
  },
  component: Shell,
})

const wallboard = createRoute({
  getParentRoute: () => tenant,
  path: '/wallboard',
  component: lazyRouteComponent(() => import('./pages/Wallboard'), 'Wallboard'),
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

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    signIn,
    tenant.addChildren([wallboard, interactions, interaction, contacts, contact, report, flows, flow, plugins, plugin]),
  ]),
  defaultPreload: 'intent',
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
