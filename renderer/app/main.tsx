import './jitless.ts'
import './csp-nonce.ts'
import './trusted-types.ts'
import './styles.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { showRememberedTheme } from '../shared/state/theme.ts'
import { Gate } from './gate.tsx'

const place = document.getElementById('root')
if (place === null) throw new Error('index.html has no #root')
showRememberedTheme()
createRoot(place).render(
  <StrictMode>
    <Gate />
  </StrictMode>,
)
