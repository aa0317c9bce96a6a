import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createHundi, HundiProvider } from '../../../client/hooks.tsx'
import { ToastProvider } from '../../ui/toast.tsx'
import { router } from './router.tsx'
import './storefront.css'

const hundi = createHundi()

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <HundiProvider hundi={hundi}>
      <ToastProvider>
        <RouterProvider router={router} />
      </ToastProvider>
    </HundiProvider>
  </StrictMode>,
)
