import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ToastProvider } from '../../ui/toast.tsx'
import { queryClient } from './lib/api.ts'
import { router } from './router.tsx'
import '../../ui/ui.css'
import './admin.css'

const element = document.getElementById('root')
if (!element) throw new Error('the page has no #root')

createRoot(element).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <ToastProvider>
        <RouterProvider router={router} />
      </ToastProvider>
    </QueryClientProvider>
  </StrictMode>,
)
