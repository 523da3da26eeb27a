import {
  Badge,
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core'

const brand: MantineColorsTuple = [
  '#eef3ff', '#dce4f5', '#b9c7e2', '#94a8d0', '#748dc1',
  '#5f7cb8', '#5474b4', '#44639f', '#39588f', '#2d4b81',
]

/** Mantine's own colours miss the contrast of WCAG AA: `light` variants take the darkest shade of their
 * colour on light ground, and a pale one on dark; `filled` ones are white on the darkest. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input)
  const name = String(input.color ?? input.theme.primaryColor)
  if (input.variant === 'light' && input.theme.colors[name]) {
    const light = `color-mix(in srgb, var(--mantine-color-${name}-9) 72%, black)`
    return { ...colors, color: `light-dark(${light}, var(--mantine-color-${name}-2))` }
  }
  if (input.variant === 'filled' && name !== input.theme.primaryColor && input.theme.colors[name]) {
    const of = (shade: number) => `var(--mantine-color-${name}-${shade})`
    return { ...colors, background: of(9), hover: of(8), color: 'var(--mantine-color-white)' }
  }
  return colors
}

export const theme = createTheme({
  primaryColor: 'brand',
  colors: { brand },
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  variantColorResolver,
  fontFamily: 'Inter, "Noto Sans", system-ui, sans-serif',
  defaultRadius: 'md',
  cursorType: 'pointer',
  headings: { fontWeight: '650' },
  components: { Badge: Badge.extend({ defaultProps: { tt: 'none' } }) },
})

export const cssVariables: CSSVariablesResolver = (of) => ({
  variables: {},
  light: { '--mantine-color-dimmed': of.colors.gray[7], '--mantine-color-placeholder': of.colors.gray[7] },
  dark: { '--mantine-color-dimmed': of.colors.gray[4], '--mantine-color-placeholder': of.colors.gray[4] },
})
